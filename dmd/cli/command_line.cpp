#include "dmd/cli/command_line.h"

#include <cstdint>
#include <optional>
#include <utility>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

namespace dmd::cli {

const Option& Option::required(bool is) const {
  option_->required(is);
  return *this;
}

const Option& Option::check(Check check) const {
  option_->check(
      CLI::Validator([check = std::move(check)](std::string& text) { return check(text); }, ""));
  return *this;
}

const Option& Option::describe(const std::string& meaning) const {
  option_->description(meaning);
  return *this;
}

const Option& Option::show_default() const {
  option_->capture_default_str();
  return *this;
}

const Option& Option::one_value_each_time() const {
  option_->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  return *this;
}

const Option& Option::split_at(char separator) const {
  option_->delimiter(separator);
  return *this;
}

const Option& Option::excludes(const Option& other) const {
  option_->excludes(other.option_);
  return *this;
}

const Option& Option::needs(const Option& other) const {
  option_->needs(other.option_);
  return *this;
}

Command Command::add_command(const std::string& name, const std::string& meaning,
                             const std::string& footer, std::function<void()> run) const {
  CLI::App* command = app_->add_subcommand(name, meaning);
  command->footer(footer);
  command->callback(std::move(run));
  return Command(command);
}

template <class T>
Option Command::add_option(const std::string& name, T& value, const std::string& meaning) const {
  return Option(app_->add_option(name, value, meaning));
}

using Text = const std::string&;
template Option Command::add_option(Text, std::string&, Text) const;
template Option Command::add_option(Text, int&, Text) const;
template Option Command::add_option(Text, std::int64_t&, Text) const;
template Option Command::add_option(Text, std::optional<std::int64_t>&, Text) const;
template Option Command::add_option(Text, std::optional<std::uint64_t>&, Text) const;
template Option Command::add_option(Text, std::size_t&, Text) const;
template Option Command::add_option(Text, std::vector<std::string>&, Text) const;

Option Command::add_flag(const std::string& name, bool& value, const std::string& meaning) const {
  return Option(app_->add_flag(name, value, meaning));
}

Option Command::option(const std::string& name) const { return Option(app_->get_option(name)); }

Command Command::command(const std::string& name) const {
  return Command(app_->get_subcommand(name));
}

std::string Command::name() const { return app_->get_name(); }

std::vector<std::string> Command::commands() const {
  std::vector<std::string> names;
  for (const CLI::App* command : app_->get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(command->get_name());
  return names;
}

std::vector<std::string> Command::options() const {
  std::vector<std::string> names;
  for (const CLI::Option* option : app_->get_options())
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  return names;
}

CommandLine::CommandLine(const std::string& name, const std::string& meaning,
                         const std::string& footer, std::function<std::string()> version)
    : app_(std::make_unique<CLI::App>(meaning, name)) {
  app_->require_subcommand(1);
  app_->set_version_flag("--version", std::move(version));
  app_->footer(footer);
}

CommandLine::~CommandLine() = default;

Command CommandLine::program() const { return Command(app_.get()); }

bool CommandLine::parse(int argc, const char* const* argv) {
  try {
    app_->parse(argc, argv);
    return true;
  } catch (const CLI::Success& asked) {
    app_->exit(asked);  // prints it
    return false;
  } catch (const CLI::ParseError& error) {
    throw CommandLineError(error.what());
  }
}

std::string CommandLine::words() const {
  std::string words = app_->get_name();
  for (const CLI::App* command : app_->get_subcommands()) words += " " + command->get_name();
  return words;
}

}  // namespace dmd::cli
