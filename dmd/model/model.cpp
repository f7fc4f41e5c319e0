#include "dmd/model/model.h"

#include "engine/error.h"
#include "engine/ops/state.h"

namespace dmd {

using trine::Tensor;
using trine::nn::Capture;

Inputs capture_inputs(trine::Graph& graph, const Config& config, std::int64_t batch) {
  Inputs inputs;
  for (const Modality m : kModalities) {
    const std::int64_t steps = config.seq_len(m), width = config.feature_dim(m);
    if (steps < 1 || width < 1)
      trine::fail(
          "the model's {} has {} time steps of {} features: take the sizes from the data "
          "before the model is captured",
          name_of(m), steps, width);
    inputs.features[m] =
        input(graph, std::string(name_of(m)), {trine::DType::f32, {batch, steps, width}});
  }
  inputs.labels = input(graph, "labels", {trine::DType::f32, {batch, 1}});
  return inputs;
}

Outputs forward(Capture& capture, const Config& config, const PerModality<Tensor>& features) {
  Outputs out;
  for (const Modality m : kModalities) {
    Tensor x = features[m];
    if (m == Modality::language) x = capture.dropout(x, config.text_dropout);
    out.parts[m] = decouple(capture, config, m, project(capture, config, m, x));
  }
  for (const Modality m : kModalities)
    out.homo[m] = irrelevant_head(capture, config, m, out.parts[m].irrelevant);
  for (const Modality m : kModalities)
    out.hetero[m] = exclusive_head(capture, config, m, out.parts);
  const Tensor fused = fused_irrelevant(capture, config, out.parts);
  out.logits_c = irrelevant_logits(capture, config, fused);
  out.output = output_logits(capture, config, out.hetero, fused);
  return out;
}

}  // namespace dmd
