// The commands under test, each with what it starts from, how one goes on after a failure, and what
// it must have made in the end.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>

#include "tests/faults/process.h"

namespace faults {

// What a command made, by name: texts and bytes that are equal in every run.
using Results = std::map<std::string, std::string>;

using Folder = std::filesystem::path;

struct Command {
  std::string name;
  Words words;                   // in a folder that prepare() has filled
  std::string counted = "";      // the folder in it whose files count; all of it where empty
  Environment environment = {};  // of which "@" stands for the folder
  std::function<void(const Folder&)> prepare;

  // The words that finish what a failure left. The command itself, but for new runs.
  std::function<Words(const Folder&)> again;

  // Of a command that has succeeded.
  std::function<Results(const Folder&)> results;

  // What is wrong with files under their final names after a failure, "" where nothing is.
  std::function<std::string(const Folder&, const Results& undisturbed)> damage;

  // Whether the user need not even notice a failure.
  bool never_fails = false;
  // Whether standard output holds times, so that no two runs print the same.
  bool prints_times = false;
};

Environment environment_in(const Command& command, const Folder& folder);

// ---- Training ----

Command train_new_run();
Command train_several_seeds();
Command resume_run();
// On built-in data, for longer.
Command train_on_built_in_data(int epochs = 12);

// ---- The others; `model` holds a run `run` and data to score ----

Command predict_to_csv();
Command represent_to_npz();
Command convert_features();
Command export_to_onnx();
Command evaluate();
Command predict_filling_a_kernel_cache();  // on Vulkan
Command predict_from_a_kernel_cache();     // likewise; all kernels are there

}  // namespace faults
