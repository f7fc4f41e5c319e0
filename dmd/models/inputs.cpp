#include "dmd/models/inputs.h"

#include "dmd/text/encoder.h"
#include "dmd/text/pretrained.h"
#include "engine/error.h"
#include "engine/ops/state.h"

namespace dmd {

using trine::Tensor;
using trine::nn::Capture;

namespace {

Tensor encoded_text(Capture& capture, const Config& config, std::int64_t batch) {
  const TokenTensors tokens =
      capture_tokens(capture.graph(), batch, config.seq_len(Modality::language));
  const trine::Scope scope(capture.graph(), kTextModelScope);
  return encode(capture, *config.text_model, tokens);
}

void check_answer(const Config& config) {
  if (config.answer_width() > 0) return;
  trine::fail(
      "task = classification, and the configuration names no classes: take them from data, or give "
      "them with --set classes=A,B");
}

}  // namespace

Inputs capture_inputs(Capture& capture, const Config& config, std::int64_t batch) {
  check_answer(config);
  trine::Graph& graph = capture.graph();
  Inputs inputs;
  for (const Modality m : config.modalities) {
    const std::int64_t steps = config.seq_len(m), width = config.feature_dim(m);
    if (steps < 1 || width < 1)
      trine::fail(
          "the model's {} has {} time steps of {} features: take the sizes from the data "
          "before the model is captured",
          name_of(m), steps, width);
    const bool is_encoded = m == Modality::language && config.trains_encoder();
    inputs.features[m] = is_encoded ? encoded_text(capture, config, batch)
                                    : input(graph, std::string(name_of(m)),
                                            {trine::DType::f32, {batch, steps, width}});
  }
  inputs.labels = input(graph, "labels", {trine::DType::f32, {batch, label_width(config.task)}});
  return inputs;
}

}  // namespace dmd
