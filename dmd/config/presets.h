// The configurations that ship with the program: those of the authors for their data sets, and a
// small one that trains in a minute on the built-in data.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "dmd/config/config.h"
#include "dmd/config/input_sizes.h"

namespace dmd {

struct Preset {
  std::string_view meaning;
  Config config;        // its name is the preset's; input sizes are 0, so the data's are taken
  InputSizes standard;  // the sizes of the data set it is named after, for work without data
};

std::span<const Preset> presets();

// Throws trine::Error with the nearest name.
const Preset& preset_named(std::string_view name);

// A preset by name, otherwise a configuration file. Throws trine::Error if it is neither.
Config load_config(const std::string& name_or_file);

}  // namespace dmd
