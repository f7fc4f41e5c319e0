#include "dmd/model/branches.h"

#include <algorithm>

#include "engine/nn/layers.h"
#include "engine/nn/transformer.h"
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

constexpr std::int64_t kLeastMemoryLevels = 3;

// The modality that supplies keys and values sets the rate of dropout on the attention.
TransformerOptions transformer_options(const Config& config, Modality keys) {
  return {.heads = config.nheads,
          .levels = config.nlevels,
          .attention_dropout = config.attention_dropout(keys),
          .relu_dropout = config.relu_dropout,
          .residual_dropout = config.res_dropout,
          .embed_dropout = config.embed_dropout};
}

Tensor last_step(Capture& capture, const std::string& name, Tensor x, TransformerOptions options) {
  options.last_step_only = true;
  return squeeze(transformer(capture, name, x, options), 1);
}

// x + up(dropout(relu(down(x)))), at the width of x.
Tensor residual_block(Capture& capture, const Config& config, const std::string& down,
                      const std::string& up, Tensor x) {
  const Tensor hidden = relu(linear(capture, down, x, x.dim(1)));
  return x + linear(capture, up, capture.dropout(hidden, config.output_dropout), x.dim(1));
}

// Whom a modality asks, in the order in which the answers are joined.
std::array<Modality, 2> others(Modality target) {
  using enum Modality;
  switch (target) {
    case language:
      return {audio, vision};
    case vision:
      return {language, audio};
    case audio:
      break;
  }
  return {language, vision};
}

Tensor answers(Capture& capture, const Config& config, Modality target,
               const PerModality<Decoupled>& parts) {
  const Tensor own = parts[target].exclusive;
  if (!config.cross_attention) return trine::concat({own, own}, /*axis=*/2);
  Tensors joined;
  for (const Modality other : others(target)) {
    const std::string name = fmt::format("trans_{}_with_{}", letter_of(target), letter_of(other));
    joined.push_back(trine::nn::cross_transformer(capture, name, own, parts[other].exclusive,
                                                  transformer_options(config, other)));
  }
  return trine::concat(joined, /*axis=*/2);
}

}  // namespace

Head irrelevant_head(Capture& capture, const Config& config, Modality m, Tensor irrelevant) {
  const Tensor flat = flattened(irrelevant);
  const Tensor hidden =
      relu(linear(capture, named("proj1_{}_low", m), flat, config.dst_feature_dim));
  const Tensor dropped = capture.dropout(hidden, config.output_dropout);
  const Tensor joined = flat + linear(capture, named("proj2_{}_low", m), dropped, flat.dim(1));
  return {linear(capture, named("out_layer_{}_low", m), joined, 1), hidden};
}

Tensor fused_irrelevant(Capture& capture, const Config& config,
                        const PerModality<Decoupled>& parts) {
  Tensors lasts;
  for (const Modality m : kModalities)
    lasts.push_back(last_step(capture, named("self_attentions_c_{}", m), parts[m].irrelevant,
                              transformer_options(config, m)));
  return trine::concat(lasts, /*axis=*/1);
}

ExclusiveHead exclusive_head(Capture& capture, const Config& config, Modality target,
                             const PerModality<Decoupled>& parts) {
  // MulT's program, which DMD's follows, gives language's rate to all three.
  TransformerOptions options = transformer_options(config, Modality::language);
  options.levels = std::max(options.levels, kLeastMemoryLevels);
  const Tensor last = last_step(capture, named("trans_{}_mem", target),
                                answers(capture, config, target, parts), options);
  const Tensor representation = residual_block(capture, config, named("proj1_{}_high", target),
                                               named("proj2_{}_high", target), last);
  const Tensor logits = linear(capture, named("out_layer_{}_high", target), representation, 1);
  return {.head = {logits, representation}, .last = last};
}

Tensor irrelevant_logits(Capture& capture, const Config& config, Tensor fused) {
  return linear(capture, "out_layer_c",
                residual_block(capture, config, "proj1_c", "proj2_c", fused), 1);
}

Tensor output_logits(Capture& capture, const Config& config,
                     const PerModality<ExclusiveHead>& exclusive, Tensor fused) {
  const auto gated = [&](const std::string& name, Tensor x) {
    return sigmoid(linear(capture, name, x, x.dim(1)));
  };
  Tensors gates;
  for (const Modality m : kModalities)
    gates.push_back(gated(named("weight_{}", m), exclusive[m].last));
  gates.push_back(gated("weight_c", fused));
  const Tensor joined = trine::concat(gates, /*axis=*/1);  // (B, 9d)
  return linear(capture, "out_layer", residual_block(capture, config, "proj1", "proj2", joined), 1);
}

}  // namespace dmd
