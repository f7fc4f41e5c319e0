// Decoupled Multimodal Distilling.
#include "dmd/models/model_def.h"

#include "dmd/models/blocks/branch_presets.h"
#include "dmd/models/blocks/outputs.h"
#include "dmd/models/blocks/standard_sizes.h"
#include "dmd/models/blocks/task.h"
#include "dmd/models/dmd/golden.h"
#include "dmd/models/dmd/keys.h"
#include "dmd/models/dmd/losses.h"
#include "dmd/models/dmd/network.h"

namespace dmd {
namespace {

using trine::nn::Capture;

// ---- What it names ----

std::vector<Output> outputs_of(const Config& config, const DmdOptions& options,
                               const DmdNetwork& network, const DmdObjective& objective) {
  const ModalitySet& modalities = options.branches.modalities;
  std::vector<Output> outputs{prediction_output(config, network.output),
                              fused_output(network.logits_c)};
  for (const Modality m : modalities)
    outputs.push_back(head_output(kHomoUnit, m, network.homo[m].logits));
  for (const Modality m : modalities)
    outputs.push_back(head_output(kHeteroUnit, m, network.hetero[m].head.logits));
  append_edges(outputs, kHomoUnit, options.homo, objective.homo);
  append_edges(outputs, kHeteroUnit, options.hetero, objective.hetero);
  for (const Modality m : modalities) {
    outputs.push_back(part_output(kHomoUnit, m, network.parts[m].irrelevant));
    outputs.push_back(part_output(kHeteroUnit, m, network.parts[m].exclusive));
  }
  return outputs;
}

Captured capture_dmd(Capture& capture, const Config& config, const Inputs& inputs) {
  const DmdOptions options = dmd_options(config);
  const DmdNetwork network = dmd_network(capture, options, inputs.features);
  const DmdObjective objective = dmd_objective(capture, options, network, inputs.labels);
  return {objective.terms(), outputs_of(config, options, network, objective)};
}

// The paper's variant applies the gradient of batches that are too few for an update.
bool keeps_leftover(const Config& config) { return variant_of(config) == Variant::paper; }

// ---- Presets: what differs from the defaults, which are MOSI's ----

std::vector<Preset> presets() {
  const SettingList mosei = mosei_branches({"dst_feature_dim=30", "nheads=6"});
  return {
      {"mosi", "CMU-MOSI, word-aligned", {}, kMosi},
      {"mosei", "CMU-MOSEI, word-aligned", mosei, kMosei},
      {"mosi-unaligned", "CMU-MOSI, each modality at its own rate", {}, kMosiUnaligned},
      {"mosei-unaligned", "CMU-MOSEI, each modality at its own rate", mosei, kMoseiUnaligned},
      {"tiny", "a small model for the built-in data and for trying things out", tiny_branches({}),
       kBuiltIn},
  };
}

}  // namespace

std::vector<const ModelDef*> dmd_models() {
  static const ModelDef model{
      .name = "dmd",
      .title = "Decoupled Multimodal Distilling",
      .paper = "Li, Wang, Cui: Decoupled Multimodal Distilling for Emotion Recognition, CVPR 2023",
      .tasks = every_task(),
      .keys = dmd_keys(),
      .presets = presets(),
      .check = check_branches,
      .check_inputs = check_projections,
      .capture = capture_dmd,
      .keeps_leftover = keeps_leftover,
      .foreign = {.companions = {"homo", "hetero"},
                  .buffers = {"version", "._float_tensor"},
                  .telltale = "out_layer_c.weight"},
      .golden = {.capture = capture_golden,
                 .curve = {"total", "task", "recon", "cycle", "ort", "margin", "homo_logit",
                           "homo_reg", "hetero_logit", "hetero_repr", "hetero_reg"}},
  };
  return {&model};
}

}  // namespace dmd
