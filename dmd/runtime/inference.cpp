#include "dmd/runtime/inference.h"

#include <utility>

#include "dmd/models/configuration.h"
#include "dmd/text/pretrained.h"
#include "engine/error.h"

namespace dmd {
namespace {

const Config& only_config(const Checkpoint& checkpoint, const std::optional<Config>& given) {
  if (!checkpoint.config && !given) {
    trine::fail("{} holds parameters alone: give the configuration of its model with --config",
                checkpoint.file.string());
  }
  if (checkpoint.config && given) {
    trine::fail("{} brings its own configuration: leave --config out", checkpoint.file.string());
  }
  return given ? *given : *checkpoint.config;
}

}  // namespace

Config inference_config(const Checkpoint& checkpoint, const std::optional<Config>& given) {
  Config config = with_text_model(only_config(checkpoint, given));
  if (!config.text_model && has_encoder(checkpoint)) {
    trine::fail(
        "{} holds a text encoder, and the configuration has none: add --set text_encoder=bert or "
        "roberta",
        checkpoint.file.string());
  }
  if (config.text_model) config.use_finetune = false;
  return config;
}

EncoderWeights encoder_weights(const Checkpoint& checkpoint, const Config& config) {
  if (!has_encoder(checkpoint)) return weights_of_folder(config, folder_of(checkpoint));
  return {encoder_arrays(checkpoint), checkpoint.file.string()};
}

void encode_text(Split& split, const Checkpoint& checkpoint, const Config& config,
                 std::shared_ptr<trine::Backend> backend) {
  if (!config.text_model) return;
  FrozenEncoder encoder(std::move(backend), config, encoder_weights(checkpoint, config));
  split.text = encoder.features(split);
}

DeviceModel load_model(const Checkpoint& checkpoint, const Config& config, const InputSizes& sizes,
                       std::shared_ptr<trine::Backend> backend) {
  DeviceModel model(std::move(backend), fitted_to(config, sizes));
  model.set_arena(trine::nn::kParameters, arena_from(checkpoint, model.declared()));
  return model;
}

}  // namespace dmd
