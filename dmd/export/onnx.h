// A saved model as an ONNX model: inputs "text", "audio" and "vision" (batch, T, D), or with a text
// encoder "ids", "mask" and "segments" (batch, T) in place of "text"; outputs are those that the
// model names, under these names, the prediction first (batch, columns), without representations.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dmd/checkpoint/checkpoint.h"
#include "dmd/config/config.h"
#include "engine/nn/parameters.h"
#include "engine/onnx/model.h"

namespace dmd {

// The model with its parameters, which `model` points into.
struct OnnxModel {
  trine::nn::ParameterStore store;
  std::vector<float> arena;
  trine::onnx::Model model;
};

// `config` is that of inference_config(), with the sizes of all inputs; an encoder that it names
// becomes part of the model, with its weights from the checkpoint or from its folder. Without
// `batch` the model takes any batch size. Outputs whose
// parameters the checkpoint does not hold are left out. Throws trine::Error where sizes are unknown
// or the parameters do not fit.
OnnxModel onnx_model(const Checkpoint& checkpoint, const Config& config,
                     std::optional<std::int64_t> batch);

}  // namespace dmd
