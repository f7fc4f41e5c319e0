#include "dmd/config/presets.h"

#include <algorithm>
#include <filesystem>
#include <vector>

#include "dmd/config/spelling.h"
#include "engine/error.h"

namespace dmd {
namespace {

// Widths are those of the distributed feature files with GloVe text.
constexpr SizeList kMosiWidths{300, 5, 20};
constexpr SizeList kMoseiWidths{300, 74, 35};

Config mosi(std::string name) {
  Config config;  // the defaults are MOSI's
  config.name = std::move(name);
  return config;
}

Config mosei(std::string name) {
  Config config;
  config.name = std::move(name);
  config.dst_feature_dim = 30;
  config.nheads = 6;
  config.conv1d_kernel_size_l = 5;
  config.conv1d_kernel_size_a = 1;
  config.conv1d_kernel_size_v = 3;
  config.attn_dropout = 0.4;
  config.attn_dropout_a = 0.0;
  config.attn_dropout_v = 0.0;
  config.embed_dropout = 0.0;
  config.text_dropout = 0.3;
  return config;
}

Config tiny() {
  Config config;
  config.name = "tiny";
  config.dst_feature_dim = 20;
  config.nheads = 4;
  config.nlevels = 2;
  config.conv1d_kernel_size_l = 3;
  config.conv1d_kernel_size_a = 3;
  config.conv1d_kernel_size_v = 3;
  config.attn_dropout = 0.1;
  config.attn_dropout_a = 0.1;
  config.attn_dropout_v = 0.0;
  config.embed_dropout = 0.1;
  config.output_dropout = 0.1;
  config.text_dropout = 0.1;
  config.learning_rate = 1e-3;
  config.update_epochs = 2;
  config.patience = 5;
  config.early_stop = 15;
  config.epochs = 40;
  return config;
}

std::vector<Preset> make_presets() {
  return {
      {.meaning = "CMU-MOSI, word-aligned",
       .config = mosi("mosi"),
       .standard = {kMosiWidths, {50, 50, 50}}},
      {.meaning = "CMU-MOSEI, word-aligned",
       .config = mosei("mosei"),
       .standard = {kMoseiWidths, {50, 50, 50}}},
      {.meaning = "CMU-MOSI, each modality at its own rate",
       .config = mosi("mosi-unaligned"),
       .standard = {kMosiWidths, {50, 375, 500}}},
      {.meaning = "CMU-MOSEI, each modality at its own rate",
       .config = mosei("mosei-unaligned"),
       .standard = {kMoseiWidths, {50, 500, 500}}},
      {.meaning = "a small model for the built-in data and for trying things out",
       .config = tiny(),
       .standard = {{16, 8, 12}, {12, 20, 16}}},
  };
}

std::vector<std::string_view> preset_names() {
  std::vector<std::string_view> names;
  for (const Preset& preset : presets()) names.push_back(preset.config.name);
  return names;
}

const Preset* find_preset(std::string_view name) {
  const auto found =
      std::ranges::find_if(presets(), [&](const Preset& p) { return p.config.name == name; });
  return found == presets().end() ? nullptr : &*found;
}

}  // namespace

std::span<const Preset> presets() {
  static const std::vector<Preset> all = make_presets();
  return all;
}

const Preset& preset_named(std::string_view name) {
  if (const Preset* preset = find_preset(name)) return *preset;
  trine::fail("there is no configuration '{}'{}", name, suggestion(name, preset_names()));
}

Config load_config(const std::string& name_or_file) {
  if (const Preset* preset = find_preset(name_or_file)) return preset->config;
  if (std::filesystem::exists(name_or_file)) return read_config(name_or_file);
  trine::fail("'{}' is neither a configuration of the program nor a file{}", name_or_file,
              suggestion(name_or_file, preset_names()));
}

}  // namespace dmd
