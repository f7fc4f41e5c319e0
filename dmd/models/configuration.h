// Configurations of the models that are registered: read, set and fitted to data.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dmd/config/config.h"
#include "dmd/config/config_json.h"
#include "dmd/data/input_sizes.h"
#include "dmd/models/registry.h"

namespace dmd {

// Every key at its default.
Config default_config(std::string_view model = kDefaultModel);

// See parsed_config(); also throws trine::Error for an unknown model, and where the model says that
// values do not fit together. `model` is that of a text which names none; empty: kDefaultModel.
Config config_from_json(std::string_view text, std::string_view where, std::string_view model = {},
                        std::string_view data_set = {}, std::vector<std::string>* notes = nullptr);
Config read_config(const std::filesystem::path& file, std::string_view model = {},
                   std::string_view data_set = {}, std::vector<std::string>* notes = nullptr);

// Applies "key=value" settings in order and checks the outcome, so that settings which only fit
// together (width and heads) may come one after the other.
Config with_settings(Config config, std::span<const std::string> settings);

// Throws trine::Error where a model of this configuration cannot read inputs of these sizes: its
// own sizes are others, or the model refuses them.
void check_against(const Config& config, const InputSizes& sizes);

// Takes the sizes that are 0 from the data, then checks.
Config fitted_to(Config config, const InputSizes& sizes);

}  // namespace dmd
