// Run folders as tests compare them: all that equal runs have in common, and nothing of the clock.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tests/faults/commands.h"

namespace faults {

// history.csv or results.csv without the last column, the seconds.
std::string without_seconds(const std::filesystem::path& csv);

// Names, types, shapes and bytes of the arrays of a checkpoint.
std::string arrays_of(const std::filesystem::path& checkpoint);

// Configuration, measurements and checkpoints of a finished run.
Results results_of_run(const std::filesystem::path& run);

// What is wrong with the files of a run that was stopped anywhere, where `undisturbed` is the
// results of one that was not; "" where nothing is.
std::string damage_of_run(const std::filesystem::path& run, const Results& undisturbed);

// The temporary files anywhere under the folder.
std::vector<std::string> temporaries_in(const std::filesystem::path& folder);

}  // namespace faults
