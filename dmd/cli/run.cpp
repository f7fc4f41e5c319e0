#include "dmd/cli/run.h"

#include <cstdlib>
#include <exception>
#include <filesystem>
#include <new>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "dmd/cli/command.h"
#include "dmd/cli/misspelled.h"

namespace dmd::cli {
namespace {

constexpr const char* kMeaning =
    "Multimodal sentiment from text, voice and face: train, score, explain and export DMD and its "
    "relatives on the Trine engine.";
constexpr const char* kExample =
    "Example:\n  dmd train --data synthetic --config tiny\n\n"
    "`dmd COMMAND --help` explains a command.";

void add_commands(Command program, Action& chosen) {
  add_train(program, chosen);
  add_eval(program, chosen);
  add_predict(program, chosen);
  add_explain(program, chosen);
  add_verify(program, chosen);
  add_conformance(program, chosen);
  add_devices(program, chosen);
  add_models(program, chosen);
  add_graph(program, chosen);
  add_convert(program, chosen);
  add_export(program, chosen);
  add_bench(program, chosen);
}

// "dmd 0.1.0 (a1b2c3d), backends: cpu, vulkan".
std::string version_text() {
  return fmt::format("dmd {} ({}), backends: {}", DMD_VERSION, DMD_COMMIT,
                     fmt::join(trine::backends_built_in(), ", "));
}

// Nothing may be formatted where memory has run out.
constexpr std::string_view kOutOfMemory =
    "dmd: there is not enough memory: try a smaller batch_size or a smaller model";

// Where not even a destructor gets the memory that it asks for (those of nlohmann::json keep a list
// of what is left to destroy), C++ allows nothing but to end the program. It ends with the sentence
// then, too. Half a file goes with the next start, as after a kill.
class OutOfMemoryGuard {
 public:
  OutOfMemoryGuard() { previous_ = std::set_terminate(end); }
  ~OutOfMemoryGuard() { std::set_terminate(previous_); }
  OutOfMemoryGuard(const OutOfMemoryGuard&) = delete;
  OutOfMemoryGuard& operator=(const OutOfMemoryGuard&) = delete;

 private:
  [[noreturn]] static void end() {
    try {
      if (const std::exception_ptr reason = std::current_exception())
        std::rethrow_exception(reason);
    } catch (const std::bad_alloc&) {
      note(kOutOfMemory);
      std::_Exit(static_cast<int>(Exit::failure));
    } catch (...) {
      // A fault of the program's own.
    }
    previous_();
    std::abort();
  }

  static inline std::terminate_handler previous_ = nullptr;
};

void complain(std::string_view message) { note(fmt::format("dmd: {}", message)); }

Exit guarded(const Action& action) {
  try {
    return action();
  } catch (const UsageError& error) {
    complain(error.what());
    return Exit::usage;
  } catch (const std::filesystem::filesystem_error& error) {
    complain(
        fmt::format("{} cannot be reached: {}", error.path1().string(), error.code().message()));
  } catch (const std::bad_alloc&) {
    throw;  // is an exception too, and nothing may be formatted for it
  } catch (const std::exception& error) {
    complain(error.what());
  }
  return Exit::failure;
}

int parse_and_run(int argc, const char* const* argv) {
  CommandLine line("dmd", kMeaning, kExample, version_text);
  Action chosen;
  add_commands(line.program(), chosen);
  try {
    if (!line.parse(argc, argv)) return static_cast<int>(Exit::success);
  } catch (const CommandLineError& error) {
    const auto said = misspelled(line.program(), {argv + 1, argv + argc});
    complain(fmt::format("{}; see {} --help", said ? *said : error.what(), line.words()));
    return static_cast<int>(Exit::usage);
  }
  return static_cast<int>(guarded(chosen));
}

}  // namespace

int run(int argc, const char* const* argv) {
  const OutOfMemoryGuard guard;
  try {
    return parse_and_run(argc, argv);
  } catch (const std::bad_alloc&) {
    note(kOutOfMemory);
    return static_cast<int>(Exit::failure);
  }
}

}  // namespace dmd::cli
