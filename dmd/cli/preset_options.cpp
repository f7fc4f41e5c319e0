#include "dmd/cli/preset_options.h"

#include <algorithm>

#include "dmd/models/presets.h"

namespace dmd::cli {
namespace {

bool is_model(const std::string& name) {
  return std::ranges::any_of(all_models(), [&](const ModelDef* m) { return m->name == name; });
}

bool is_preset(const std::string& name) {
  return std::ranges::any_of(find_model(kDefaultModel).presets,
                             [&](const Preset& preset) { return preset.name == name; });
}

}  // namespace

void add_preset(Command command, std::string& config, std::string& model) {
  command.add_option("--config", config, "A configuration of the model, whose sizes are taken")
      .show_default();
  add_model(command, model);
}

ChosenPreset chosen_preset(const std::string& config, const std::string& model) {
  if (!is_model(model) && is_preset(model))
    trine::fail("--model {}: that is a configuration: say --config {}", model, model);
  const std::string_view of = model.empty() ? kDefaultModel : std::string_view(model);
  return {preset_config(config, of), preset_named(config, of).standard};
}

}  // namespace dmd::cli
