#include "dmd/models/presets.h"

#include <algorithm>
#include <filesystem>
#include <vector>

#include "dmd/config/spelling.h"
#include "dmd/models/configuration.h"
#include "engine/error.h"

namespace dmd {
namespace {

std::string_view or_default(std::string_view model) {
  return model.empty() ? kDefaultModel : model;
}

std::vector<std::string_view> names_of_presets(const ModelDef& model) {
  std::vector<std::string_view> names;
  for (const Preset& preset : model.presets) names.push_back(preset.name);
  return names;
}

const Preset* find_preset(const ModelDef& model, std::string_view name) {
  const auto found = std::ranges::find(model.presets, name, &Preset::name);
  return found == model.presets.end() ? nullptr : &*found;
}

Config config_of(const ModelDef& model, const Preset& preset) {
  Config config = default_config(model.name);
  config.name = preset.name;
  return with_settings(std::move(config), preset.settings);
}

struct FilePart {
  std::string file, data_set;
};

// "config.json#mosi", unless there is a file of that whole name.
FilePart split_name(const std::string& name) {
  const std::size_t hash = name.rfind('#');
  if (hash == std::string::npos || std::filesystem::exists(name)) return {name, ""};
  return {name.substr(0, hash), name.substr(hash + 1)};
}

}  // namespace

const Preset& preset_named(std::string_view name, std::string_view model) {
  const ModelDef& def = find_model(model);
  if (const Preset* preset = find_preset(def, name)) return *preset;
  trine::fail("there is no configuration '{}' of the model {}{}", name, model,
              suggestion(name, names_of_presets(def)));
}

Config preset_config(std::string_view name, std::string_view model) {
  return config_of(find_model(model), preset_named(name, model));
}

Config standard_config(std::string_view name, std::string_view model) {
  return fitted_to(preset_config(name, model), preset_named(name, model).standard);
}

bool names_a_file(const std::string& name_or_file) {
  return std::filesystem::exists(split_name(name_or_file).file);
}

Config load_config(const std::string& name_or_file, std::string_view model,
                   std::vector<std::string>* notes) {
  const ModelDef& def = find_model(or_default(model));
  if (const Preset* preset = find_preset(def, name_or_file)) return config_of(def, *preset);
  const auto [file, data_set] = split_name(name_or_file);
  if (names_a_file(name_or_file)) return read_config(file, model, data_set, notes);
  trine::fail("'{}' is neither a configuration of the model {} nor a file{}", name_or_file,
              def.name, suggestion(name_or_file, names_of_presets(def)));
}

}  // namespace dmd
