// The model and the configuration of commands that work without data: at the sizes of a data set
// that one of the model's configurations is named after.
#pragma once

#include <string>

#include "dmd/cli/command.h"
#include "dmd/config/config.h"
#include "dmd/data/input_sizes.h"

namespace dmd::cli {

// --config and --model.
void add_preset(Command command, std::string& config, std::string& model);

struct ChosenPreset {
  Config config;
  InputSizes standard;
};

// Throws trine::Error for a model or a configuration that there is not; one that was meant for the
// other option is told so.
ChosenPreset chosen_preset(const std::string& config, const std::string& model);

}  // namespace dmd::cli
