// The configurations that ship with the models (ModelDef::presets), by name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

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

// Whether it is a file's name: alone, or in front of #DATASET.
bool names_a_file(const std::string& name_or_file);

// A preset by name, otherwise a configuration file; FILE#DATASET is the part for a data set of a
// file of the authors' programs. `model` is that of --model; empty: the file's, else kDefaultModel.
// What a user should know of how a file was read goes to `notes`. Throws trine::Error if it is
// neither, and for a file of another model.
Config load_config(const std::string& name_or_file, std::string_view model = {},
                   std::vector<std::string>* notes = nullptr);

}  // namespace dmd
