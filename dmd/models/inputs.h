// What every model reads: modalities and labels.
#pragma once

#include <cstdint>

#include "dmd/config/config.h"
#include "dmd/config/per_modality.h"
#include "engine/nn/capture.h"

namespace dmd {

// Inputs of a program, by the names "text", "vision", "audio" and "labels"; where the text encoder
// is trained along, in place of "text" those of text/encoder.h. A modality that the configuration
// leaves out has none.
struct Inputs {
  // (B, T, D), of the modalities that the configuration has; those of text may be the encoder's.
  PerModality<trine::Tensor> features;
  trine::Tensor labels;  // (B, 1), or (B, 4) of emotions
};

// Throws trine::Error unless every size and the classes are known: fit the configuration to data
// first.
Inputs capture_inputs(trine::nn::Capture& capture, const Config& config, std::int64_t batch);

}  // namespace dmd
