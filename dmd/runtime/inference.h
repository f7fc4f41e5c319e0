// From a checkpoint to a model that scores: which configuration it has, its text encoder, and its
// parameters on a device. An encoder, trained along or not, is a step of its own there: its
// features are computed once, and the model reads them as it reads any others.
#pragma once

#include <memory>
#include <optional>

#include "dmd/checkpoint/checkpoint.h"
#include "dmd/config/config.h"
#include "dmd/data/dataset.h"
#include "dmd/data/input_sizes.h"
#include "dmd/runtime/device_model.h"
#include "dmd/text/text_features.h"

namespace dmd {

// A checkpoint of ours brings its configuration; one that holds parameters alone needs `given`. The
// sizes of its encoder are filled in. Throws trine::Error unless there is exactly one
// configuration, and if the checkpoint holds an encoder that the configuration does not name.
Config inference_config(const Checkpoint& checkpoint, const std::optional<Config>& given);

// The parameters of the encoder that the configuration has: those in the checkpoint, or those of
// its folder where the checkpoint holds none.
EncoderWeights encoder_weights(const Checkpoint& checkpoint, const Config& config);

// Puts the encoder's features, computed on the device, into `split.text`, if the configuration has
// an encoder.
void encode_text(Split& split, const Checkpoint& checkpoint, const Config& config,
                 std::shared_ptr<trine::Backend> backend);

// A model with the parameters of a checkpoint. `config` is that of inference_config(), `sizes` are
// those of the data, whose text has gone through encode_text(). Throws trine::Error where
// configuration, data and checkpoint do not fit each other.
DeviceModel load_model(const Checkpoint& checkpoint, const Config& config, const InputSizes& sizes,
                       std::shared_ptr<trine::Backend> backend);

}  // namespace dmd
