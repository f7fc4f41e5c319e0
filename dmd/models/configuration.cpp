#include "dmd/models/configuration.h"

#include "engine/error.h"
#include "engine/io/mapped_file.h"

namespace dmd {
namespace {

ModelKeys keys_of(std::string_view name, std::string_view where) {
  const ModelDef& model = find_model(name, where);
  return {model.keys, model.foreign.keys, model.foreign.adopt};
}

void check(const Config& config, std::string_view where) {
  const ModelDef& model = find_model(config.model, where);
  if (!model.check) return;
  try {
    model.check(config);
  } catch (const trine::Error& error) {
    trine::fail("{}: {}", where, error.what());
  }
}

void check_same(Modality m, std::string_view what, std::int64_t configured, std::int64_t given) {
  if (configured != 0 && configured != given) {
    trine::fail(
        "the data's {} has {} {}, the configuration says {}: use the data that the "
        "configuration or the checkpoint was made for, or set 0 to take the data's",
        name_of(m), given, what, configured);
  }
}

}  // namespace

Config default_config(std::string_view model) {
  Config config;
  config.model = model;
  config.settings = Settings(find_model(model).keys);
  return config;
}

Config config_from_json(std::string_view text, std::string_view where, std::string_view model) {
  Config config = parsed_config(text, where, model.empty() ? kDefaultModel : model, keys_of);
  if (!model.empty() && config.model != model)
    trine::fail("{} is a configuration of the model {}, and --model says {}: leave --model out",
                where, config.model, model);
  check(config, where);
  return config;
}

Config read_config(const std::filesystem::path& file, std::string_view model) {
  const trine::io::SharedBytes bytes = trine::io::map_file(file);
  return config_from_json(trine::io::text_of(bytes.view), file.string(), model);
}

Config with_settings(Config config, std::span<const std::string> settings) {
  config = applied(std::move(config), settings);
  check(config, "--set");
  return config;
}

void check_against(const Config& config, const InputSizes& sizes) {
  for (const Modality m : kModalities) {
    const std::int64_t width = sizes.feature_dims[config_slot(m)];
    const std::int64_t length = sizes.seq_lens[config_slot(m)];
    if (m == Modality::language && width == 0 && length == 0 && !config.text_model) {
      trine::fail(
          "the data leave the text to an encoder, as they have no features of it (a field 'text'): "
          "name one with --set text_encoder=bert --set text_encoder_path=DIR, or add features "
          "(samples, steps, width), for example a language model's last hidden states");
    }
    if (width < 1 || length < 1) {
      trine::fail("{} is {} wide and {} time steps long: both must be at least 1", name_of(m),
                  width, length);
    }
    check_same(m, "features a time step", config.feature_dim(m), width);
    check_same(m, "time steps", config.seq_len(m), length);
  }
  const ModelDef& model = find_model(config.model);
  if (model.check_inputs) model.check_inputs(config, sizes);
}

Config fitted_to(Config config, const InputSizes& sizes) {
  check_against(config, sizes);
  config.feature_dims = sizes.feature_dims;
  config.seq_lens = sizes.seq_lens;
  return config;
}

}  // namespace dmd
