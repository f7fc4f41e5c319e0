// What the commands of the program share. Each command is one file: it adds a subcommand with its
// flags and says what runs when the command line names it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "backends/registry.h"
#include "dmd/cli/command_line.h"
#include "dmd/config/config.h"
#include "dmd/data/dataset.h"
#include "dmd/data/feature_options.h"
#include "dmd/metrics/scores.h"
#include "dmd/report/csv.h"
#include "engine/error.h"

namespace dmd::cli {

using Json = nlohmann::ordered_json;

// The program's exit status.
enum class Exit { success = 0, failure = 1, usage = 2, interrupted = 130 };

// The command line asks for what the program does not have; anything else that goes wrong is a
// plain trine::Error.
class UsageError : public trine::Error {
 public:
  using trine::Error::Error;
};

// Calls `parse`; what it throws is a fault of the command line.
template <class Parse>
auto usage(Parse&& parse) {
  try {
    return parse();
  } catch (const trine::Error& error) {
    throw UsageError(error.what());
  }
}

// What the command line has chosen to run.
using Action = std::function<Exit()>;

void add_train(Command program, Action& chosen);
void add_eval(Command program, Action& chosen);
void add_predict(Command program, Action& chosen);
void add_explain(Command program, Action& chosen);
void add_verify(Command program, Action& chosen);
void add_conformance(Command program, Action& chosen);
void add_devices(Command program, Action& chosen);
void add_models(Command program, Action& chosen);
void add_graph(Command program, Action& chosen);
void add_convert(Command program, Action& chosen);
void add_export(Command program, Action& chosen);
void add_bench(Command program, Action& chosen);

// A subcommand whose options fill `options` and are then handed to `run`.
template <class Options>
Command add_command(Command program, Action& chosen, const std::string& name,
                    const std::string& meaning, const std::string& examples,
                    const std::shared_ptr<Options>& options, Exit (*run)(const Options&)) {
  return program.add_command(name, meaning, "Example:\n" + examples, [&chosen, options, run] {
    chosen = [options, run] { return run(*options); };
  });
}

// Flags that several commands have.
// --model NAME: where no configuration file or checkpoint names one. Empty: not given.
void add_model(Command command, std::string& model);
void add_threads(Command command, int& threads);
void add_device(Command command, std::string& device);
void add_json(Command command, bool& json);
void add_data(Command command, std::string& data);
void add_split(Command command, std::string& split);

// "synthetic", "synthetic:N", a feature file, or "-", one on standard input, of which the options
// say what it must have. What a user should know of how it was read goes to standard error.
Dataset load_data(const std::string& data, const FeatureOptions& options = {});

// load_config(), of which a fault is one of the command line unless it is a file's. What a user
// should know of how a file was read goes to standard error.
Config load_noted_config(const std::string& name_or_file, const std::string& model);

// What `dmd eval` and its like read: new videos have neither labels nor splits to train on.
Dataset load_new_videos(const std::string& data, const Config& config);

std::unique_ptr<trine::Backend> open_backend(const std::string& device,
                                             const trine::DeviceOptions& options = {});

// Standard output. Throws trine::Error where it cannot be written, so that a full disk shows.
void print(std::string_view text);
void print_json(const Json& object);  // on one line

// Standard error, for what is not a result.
void note(std::string_view text);

// Every metric by its name, rounded as printed, and n.
Json json_of(const Scores& scores);

// What `dmd devices` says of a device.
Json json_of(const trine::DeviceInfo& device);

}  // namespace dmd::cli
