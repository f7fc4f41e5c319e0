// Late fusion: a baseline of ours, to see what a model gains by more. Each modality is projected,
// goes through a small transformer, is averaged over time and answers by a head of its own; one
// layer over the three averages gives the prediction, and all four answers are trained on.
#include <algorithm>

#include "dmd/models/blocks/branch_keys.h"
#include "dmd/models/blocks/cross_modal.h"
#include "dmd/models/blocks/decoupling.h"
#include "dmd/models/blocks/standard_sizes.h"
#include "dmd/models/blocks/task.h"
#include "dmd/models/model_def.h"
#include "engine/nn/layers.h"
#include "engine/nn/transformer.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/movement.h"
#include "engine/ops/reduce.h"
#include "engine/ops/views.h"

namespace dmd {
namespace {

using trine::Tensor;
using trine::Tensors;
using trine::nn::Capture;
using trine::nn::linear;

// (B, T, D) -> (B, d): what a modality amounts to over its last time steps, or over all (0).
Tensor pooled(Capture& capture, const BranchOptions& branches, Modality m, Tensor features,
              std::int64_t steps_wanted) {
  if (m == Modality::language) features = capture.dropout(features, branches.text_dropout);
  const Tensor projected = project(capture, branches, m, features);
  const Tensor seen =
      transformer(capture, named("trans_{}", m), projected, transformer_options(branches, m));
  const std::int64_t steps = seen.dim(1),
                     wanted = steps_wanted > 0 ? std::min(steps_wanted, steps) : steps;
  return mean(slice(seen, 1, steps - wanted, steps), {1});
}

// What a model says from pooled features: (B, w) -> (B, answer width).
Tensor answer(Capture& capture, const BranchOptions& branches, const std::string& name, Tensor x) {
  return linear(capture, name, capture.dropout(x, branches.output_dropout), branches.answer_width);
}

Captured capture_late_fusion(Capture& capture, const Config& config, const Inputs& inputs) {
  const BranchOptions branches = branch_options(config);
  const auto loss_of = [&](Tensor logits) { return task_loss(config.task, logits, inputs.labels); };
  Captured captured;
  std::vector<Output> heads, representations;
  std::vector<Loss> alone;
  Tensors joined;
  for (const Modality m : branches.modalities) {
    const Tensor features =
        pooled(capture, branches, m, inputs.features[m], config.settings.whole("pooled_steps"));
    const Tensor logits = answer(capture, branches, named("head_{}", m), features);
    joined.push_back(features);
    alone.push_back({named("head_{}", m), loss_of(logits)});
    heads.push_back(named_output(named("logit_{}", m), OutputKind::head,
                                 fmt::format("what {} says alone", name_of(m)), logits));
    representations.push_back(named_output(named("pooled_{}", m), OutputKind::representation,
                                           fmt::format("{}, averaged over time", name_of(m)),
                                           features));
  }
  const Tensor output = answer(capture, branches, "head_fused", trine::concat(joined, /*axis=*/1));
  const Tensor fused = loss_of(output);
  Tensor total = fused;
  for (const Loss& loss : alone) total = total + loss.value;

  captured.losses = {{"total", total}, {"fused", fused}};
  captured.losses.insert(captured.losses.end(), alone.begin(), alone.end());
  captured.outputs = {prediction_output(config, output)};
  for (const auto* more : {&heads, &representations})
    captured.outputs.insert(captured.outputs.end(), more->begin(), more->end());
  return captured;
}

std::vector<Key> keys() {
  std::vector<Key> keys = branch_keys();
  keys.push_back({.name = "pooled_steps",
                  .standard = std::int64_t{0},
                  .range = kSizeOrZero,
                  .choices = {},
                  .meaning = "time steps at the end that are averaged; 0: all"});
  return keys;
}

std::vector<Preset> presets() {
  return {
      {"mosi",
       "CMU-MOSI, word-aligned",
       {"dst_feature_dim=40", "nheads=8", "nlevels=2", "conv1d_kernel_size_l=1",
        "conv1d_kernel_size_a=1", "conv1d_kernel_size_v=1", "learning_rate=1e-3", "update_epochs=1",
        "grad_clip=0.8"},
       kMosi},
      {"tiny",
       "a small model for the built-in data and for trying things out",
       {"dst_feature_dim=20", "nheads=4", "nlevels=1", "conv1d_kernel_size_l=3",
        "conv1d_kernel_size_a=3", "conv1d_kernel_size_v=3", "attn_dropout=0.1",
        "attn_dropout_a=0.1", "embed_dropout=0.1", "output_dropout=0.1", "text_dropout=0.1",
        "learning_rate=1e-3", "update_epochs=1", "early_stop=15", "epochs=40"},
       kBuiltIn},
  };
}

}  // namespace

std::vector<const ModelDef*> late_fusion_models() {
  static const ModelDef model{
      .name = "late_fusion",
      .title = "Late fusion of three small transformers",
      .paper = "none: a baseline of this program",
      .tasks = every_task(),
      .keys = keys(),
      .presets = presets(),
      .check = check_branches,
      .check_inputs = check_projections,
      .capture = capture_late_fusion,
      .clipping = Clipping::norm,
      .foreign = {.companions = {}, .buffers = {}, .telltale = "head_fused.weight"},
  };
  return {&model};
}

}  // namespace dmd
