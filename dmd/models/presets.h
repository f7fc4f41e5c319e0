// The configurations that ship with the models (ModelDef::presets), by name.
#pragma once

#include <string>
#include <string_view>

#include "dmd/config/config.h"
#include "dmd/models/registry.h"

namespace dmd {

// Throws trine::Error with the nearest name of the model's presets.
const Preset& preset_named(std::string_view name, std::string_view model = kDefaultModel);

// The model's configuration with the preset's name and settings; input sizes are 0, so the data's
// are taken.
Config preset_config(std::string_view name, std::string_view model = kDefaultModel);

// The same at the sizes of the data set that the preset is named after.
Config standard_config(std::string_view name, std::string_view model = kDefaultModel);

// A preset by name, otherwise a configuration file. `model` is that of --model; empty: the file's,
// else kDefaultModel. Throws trine::Error if it is neither, and for a file of another model.
Config load_config(const std::string& name_or_file, std::string_view model = {});

}  // namespace dmd
