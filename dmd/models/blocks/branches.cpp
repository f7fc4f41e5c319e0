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
  const std::vector<Modality> asked = others(branches, target);
  if (asked.empty()) return own;
  if (!cross_attention) return trine::concat(Tensors(asked.size(), own), /*axis=*/2);
  PerModality<Tensor> exclusive;
  for (const Modality m : branches.modalities) exclusive[m] = parts[m].exclusive;
  Tensors joined;
  for (const Modality other : asked)
    joined.push_back(answer(capture, branches, target, other, exclusive));
  return trine::concat(joined, /*axis=*/2);
}

}  // namespace

Head irrelevant_head(Capture& capture, const BranchOptions& branches, Modality m, Tensor features,
                     std::string_view kind) {
  const auto layer = [&](std::string_view stem, Tensor x, std::int64_t width) {
    return linear(capture, fmt::format("{}_{}_{}", stem, letter_of(m), kind), x, width);
  };
  const Tensor hidden = relu(layer("proj1", features, branches.width));
  const Tensor dropped = capture.dropout(hidden, branches.output_dropout);
  const Tensor joined = features + layer("proj2", dropped, features.dim(1));
  return {layer("out_layer", joined, branches.answer_width), hidden};
}

Tensor irrelevant_memory(Capture& capture, const BranchOptions& branches, Modality m,
                         Tensor irrelevant) {
  return last_step(capture, named("self_attentions_c_{}", m), irrelevant,
                   transformer_options(branches, m));
}

Tensor fused_irrelevant(Capture& capture, const BranchOptions& branches,
                        const PerModality<Decoupled>& parts) {
  Tensors lasts;
  for (const Modality m : branches.modalities)
    lasts.push_back(irrelevant_memory(capture, branches, m, parts[m].irrelevant));
  return trine::concat(lasts, /*axis=*/1);
}

Tensor exclusive_memory(Capture& capture, const BranchOptions& branches, Modality target,
                        const PerModality<Decoupled>& parts, bool cross_attention, Steps steps) {
  TransformerOptions options = memory_options(branches);
  options.last_step_only = steps == Steps::last;
  return transformer(capture, named("trans_{}_mem", target),
                     answers(capture, branches, target, parts, cross_attention), options);
}

Head exclusive_logits(Capture& capture, const BranchOptions& branches, Modality target,
                      Tensor last) {
  const Tensor representation = residual_block(capture, branches, named("proj1_{}_high", target),
                                               named("proj2_{}_high", target), last);
  const Tensor logits =
      linear(capture, named("out_layer_{}_high", target), representation, branches.answer_width);
  return {logits, representation};
}

ExclusiveHead exclusive_head(Capture& capture, const BranchOptions& branches, Modality target,
                             const PerModality<Decoupled>& parts, bool cross_attention) {
  const Tensor last =
      squeeze(exclusive_memory(capture, branches, target, parts, cross_attention, Steps::last), 1);
  return {.head = exclusive_logits(capture, branches, target, last), .last = last};
}

Tensor irrelevant_logits(Capture& capture, const BranchOptions& branches, Tensor fused) {
  return linear(capture, "out_layer_c",
                residual_block(capture, branches, "proj1_c", "proj2_c", fused),
                branches.answer_width);
}

Tensor gate(Capture& capture, const std::string& name, Tensor x) {
  return sigmoid(linear(capture, name, x, x.dim(1)));
}

Tensor output_logits(Capture& capture, const BranchOptions& branches,
                     const PerModality<Tensor>& exclusive, Tensor fused) {
  Tensors gates;
  for (const Modality m : branches.modalities)
    gates.push_back(gate(capture, named("weight_{}", m), exclusive[m]));
  gates.push_back(gate(capture, "weight_c", fused));
  const Tensor joined = trine::concat(gates, /*axis=*/1);  // (B, 9d) of three modalities
  return linear(capture, "out_layer", residual_block(capture, branches, "proj1", "proj2", joined),
                branches.answer_width);
}

}  // namespace dmd
