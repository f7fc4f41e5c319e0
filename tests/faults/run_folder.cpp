#include "tests/faults/run_folder.h"

#include <sstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "dmd/checkpoint/checkpoint.h"
#include "engine/io/safetensors.h"
#include "tests/support/temporary_folder.h"

namespace faults {
namespace {

namespace fs = std::filesystem;

const char* const kCheckpoints[] = {"best.safetensors", "last.safetensors"};

std::string damage_of_checkpoint(const fs::path& file) {
  try {
    const dmd::Checkpoint checkpoint = dmd::read_checkpoint(file);
    return checkpoint.config && checkpoint.training ? "" : file.string() + " is no checkpoint";
  } catch (const std::exception& error) {
    return error.what();
  }
}

// A run that goes on writes how far it is to go, before anything else.
nlohmann::json without_epochs(const std::string& config) {
  nlohmann::json keys = nlohmann::json::parse(config, nullptr, /*allow_exceptions=*/false);
  if (keys.is_object()) keys.erase("epochs");
  return keys;
}

}  // namespace

std::string without_seconds(const fs::path& csv) {
  std::string all;
  std::istringstream lines(trine::contents_of(csv));
  for (std::string line; std::getline(lines, line);) all += line.substr(0, line.rfind(',')) + "\n";
  return all;
}

std::string arrays_of(const fs::path& checkpoint) {
  std::string all;
  for (const auto& [name, array] : trine::io::read_safetensors(checkpoint).arrays) {
    all += fmt::format("{} {}\n", name, to_string(array));
    all += trine::io::text_of(array.bytes());
  }
  return all;
}

Results results_of_run(const fs::path& run) {
  Results results{{"config", trine::contents_of(run / "config.json")},
                  {"history", without_seconds(run / "history.csv")}};
  for (const char* name : kCheckpoints) results[name] = arrays_of(run / name);
  return results;
}

std::string damage_of_run(const fs::path& run, const Results& undisturbed) {
  if (fs::exists(run / "config.json") && without_epochs(trine::contents_of(run / "config.json")) !=
                                             without_epochs(undisturbed.at("config")))
    return "config.json is not whole";
  if (fs::exists(run / "history.csv") &&
      !undisturbed.at("history").starts_with(without_seconds(run / "history.csv")))
    return "history.csv has other rows than the undisturbed run's";
  for (const char* name : kCheckpoints)
    if (fs::exists(run / name))
      if (const std::string damage = damage_of_checkpoint(run / name); !damage.empty())
        return damage;
  return "";
}

std::vector<std::string> temporaries_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.path().extension() == ".trine-tmp") names.push_back(entry.path().string());
  return names;
}

}  // namespace faults
