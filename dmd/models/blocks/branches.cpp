#include "dmd/models/blocks/branches.h"

#include "dmd/models/blocks/cross_modal.h"
#include "engine/nn/layers.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/movement.h"
#include "engine/ops/views.h"

namespace dmd {
namespace {

using trine::Tensor;
using trine::Tensors;
using trine::nn::Capture;
using trine::nn::linear;
using trine::nn::TransformerOptions;

Tensor last_step(Capture& capture, const std::string& name, Tensor x, TransformerOptions options) {
  options.last_step_only = true;
  return squeeze(transformer(capture, name, x, options), 1);
}

Tensor answers(Capture& capture, const BranchOptions& branches, Modality target,
               const PerModality<Decoupled>& parts, bool cross_attention) {
  const Tensor own = parts[target].exclusive;
  if (!cross_attention) return trine::concat({own, own}, /*axis=*/2);
  PerModality<Tensor> exclusive;
  for (const Modality m : kModalities) exclusive[m] = parts[m].exclusive;
  Tensors joined;
  for (const Modality other : others(target))
    joined.push_back(answer(capture, branches, target, other, exclusive));
  return trine::concat(joined, /*axis=*/2);
}

}  // namespace

Head irrelevant_head(Capture& capture, const BranchOptions& branches, Modality m,
                     Tensor irrelevant) {
  const Tensor flat = flattened(irrelevant);
  const Tensor hidden = relu(linear(capture, named("proj1_{}_low", m), flat, branches.width));
  const Tensor dropped = capture.dropout(hidden, branches.output_dropout);
  const Tensor joined = flat + linear(capture, named("proj2_{}_low", m), dropped, flat.dim(1));
  return {linear(capture, named("out_layer_{}_low", m), joined, branches.answer_width), hidden};
}

Tensor fused_irrelevant(Capture& capture, const BranchOptions& branches,
                        const PerModality<Decoupled>& parts) {
  Tensors lasts;
  for (const Modality m : kModalities)
    lasts.push_back(last_step(capture, named("self_attentions_c_{}", m), parts[m].irrelevant,
                              transformer_options(branches, m)));
  return trine::concat(lasts, /*axis=*/1);
}

ExclusiveHead exclusive_head(Capture& capture, const BranchOptions& branches, Modality target,
                             const PerModality<Decoupled>& parts, bool cross_attention) {
  const Tensor last = last_step(capture, named("trans_{}_mem", target),
                                answers(capture, branches, target, parts, cross_attention),
                                memory_options(branches));
  const Tensor representation = residual_block(capture, branches, named("proj1_{}_high", target),
                                               named("proj2_{}_high", target), last);
  const Tensor logits =
      linear(capture, named("out_layer_{}_high", target), representation, branches.answer_width);
  return {.head = {logits, representation}, .last = last};
}

Tensor irrelevant_logits(Capture& capture, const BranchOptions& branches, Tensor fused) {
  return linear(capture, "out_layer_c",
                residual_block(capture, branches, "proj1_c", "proj2_c", fused),
                branches.answer_width);
}

Tensor output_logits(Capture& capture, const BranchOptions& branches,
                     const PerModality<ExclusiveHead>& exclusive, Tensor fused) {
  const auto gated = [&](const std::string& name, Tensor x) {
    return sigmoid(linear(capture, name, x, x.dim(1)));
  };
  Tensors gates;
  for (const Modality m : kModalities)
    gates.push_back(gated(named("weight_{}", m), exclusive[m].last));
  gates.push_back(gated("weight_c", fused));
  const Tensor joined = trine::concat(gates, /*axis=*/1);  // (B, 9d)
  return linear(capture, "out_layer", residual_block(capture, branches, "proj1", "proj2", joined),
                branches.answer_width);
}

}  // namespace dmd
