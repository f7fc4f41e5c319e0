// The command line of the program: its commands and their options. CLI11 parses it, behind this
// header: CLI11's own headers take seconds to compile, which every command would pay for.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/error.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace dmd::cli {

// What a value of an option may be: empty where it is one, and otherwise why it is none, as in
// "must be a whole number of at least 1, not 0". checks.h has those in use.
using Check = std::function<std::string(const std::string&)>;

// An option of a command. A handle: copies are of the same option.
class Option {
 public:
  explicit Option(CLI::Option* option) : option_(option) {}

  const Option& required(bool is = true) const;
  const Option& check(Check check) const;  // of each value
  const Option& describe(const std::string& meaning) const;
  const Option& show_default() const;         // the value that the variable has now
  const Option& one_value_each_time() const;  // may be given many times; the values gather
  const Option& split_at(char separator) const;
  const Option& excludes(const Option& other) const;
  const Option& needs(const Option& other) const;

 private:
  CLI::Option* option_;
};

// The program or one of its commands. A handle, as Option is; it lives as long as its CommandLine.
class Command {
 public:
  explicit Command(CLI::App* app) : app_(app) {}

  // `run` is called at the end of parse() where the command line names this command.
  Command add_command(const std::string& name, const std::string& meaning,
                      const std::string& footer, std::function<void()> run) const;

  // "--batch", or "input" for one that goes by its place. The variable gets the value in parse().
  // Of the types that command_line.cpp lists: strings, whole numbers, optional ones, lists of
  // strings.
  template <class T>
  Option add_option(const std::string& name, T& value, const std::string& meaning) const;
  Option add_flag(const std::string& name, bool& value, const std::string& meaning) const;

  Option option(const std::string& name) const;  // one that was added
  Command command(const std::string& name) const;

  std::string name() const;
  std::vector<std::string> commands() const;  // their names
  std::vector<std::string> options() const;   // their long names, with dashes

 private:
  CLI::App* app_;
};

// What a command line says that the program does not understand.
class CommandLineError : public trine::Error {
 public:
  using trine::Error::Error;
};

class CommandLine {
 public:
  // `version` is asked for when --version is given.
  CommandLine(const std::string& name, const std::string& meaning, const std::string& footer,
              std::function<std::string()> version);
  ~CommandLine();

  Command program() const;

  // Whether a command is to run; where not, help or the version was asked for and printed. Throws
  // CommandLineError.
  bool parse(int argc, const char* const* argv);

  // The words that reach help for what was being typed, after parse(): "dmd train".
  std::string words() const;

 private:
  std::unique_ptr<CLI::App> app_;
};

}  // namespace dmd::cli
