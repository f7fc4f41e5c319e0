// Decoupled Hierarchical Multimodal Distillation.
#include "dmd/models/model_def.h"

#include "dmd/models/blocks/branch_presets.h"
#include "dmd/models/blocks/outputs.h"
#include "dmd/models/blocks/standard_sizes.h"
#include "dmd/models/blocks/task.h"
#include "dmd/models/dhmd/golden.h"
#include "dmd/models/dhmd/keys.h"
#include "dmd/models/dhmd/losses.h"
#include "dmd/models/dhmd/network.h"

namespace dmd {
namespace {

using trine::nn::Capture;

Output shares_output(const GraphUnit& unit, Modality m, const LookUp& found) {
  return named_output(fmt::format("{}_weight_{}", unit.name, letter_of(m)),
                      OutputKind::representation,
                      fmt::format("how much of each atom the {} part of {} finds in its dictionary",
                                  unit.part, name_of(m)),
                      found.shares);
}

std::vector<Output> outputs_of(const Config& config, const DhmdOptions& options,
                               const DhmdNetwork& network, const DhmdObjective& objective) {
  const ModalitySet& modalities = options.branches.modalities;
  std::vector<Output> outputs{prediction_output(config, network.output),
                              fused_output(network.logits_c)};
  for (const Modality m : modalities)
    outputs.push_back(head_output(kHomoUnit, m, network.homo[m].logits));
  for (const Modality m : modalities)
    outputs.push_back(head_output(kHeteroUnit, m, network.hetero[m].logits));
  append_edges(outputs, kHomoUnit, options.homo, objective.homo);
  append_edges(outputs, kHeteroUnit, options.hetero, objective.hetero);
  for (const Modality m : modalities) {
    outputs.push_back(part_output(kHomoUnit, m, network.parts[m].irrelevant));
    outputs.push_back(part_output(kHeteroUnit, m, network.parts[m].exclusive));
    outputs.push_back(shares_output(kHomoUnit, m, network.homo_found[m]));
    outputs.push_back(shares_output(kHeteroUnit, m, network.hetero_found[m]));
  }
  return outputs;
}

Captured capture_dhmd(Capture& capture, const Config& config, const Inputs& inputs) {
  const DhmdOptions options = dhmd_options(config);
  const DhmdNetwork network = dhmd_network(capture, options, inputs.features);
  const DhmdObjective objective = dhmd_objective(capture, options, network, inputs.labels);
  return {objective.terms(), outputs_of(config, options, network, objective)};
}

// Dictionaries learn at a rate of their own. The program's optimizer holds no graph distillation
// unit, so its units stay as they start.
std::vector<ParameterGroup> groups(const Config& config) {
  const double rate = config.settings.real("dictionary_lr") / config.learning_rate;
  std::vector<ParameterGroup> groups{{"homo_dict.", rate}, {"hetero_dict.", rate}};
  if (dhmd_variant(config) == DhmdVariant::figure) return groups;
  groups.push_back({"homo.", 0.0});
  groups.push_back({"hetero.", 0.0});
  return groups;
}

std::string_view expected_file(const Config& config) {
  return dhmd_variant(config) == DhmdVariant::figure ? "expected_figure" : "expected";
}

// Of both dictionaries, on the same parameters.
std::vector<GoldenAlternative> alternatives() {
  return {{"softmax.max", {"att_func_type=softmax", "pool_type=max"}},
          {"softmax.mean", {"att_func_type=softmax", "pool_type=mean"}},
          {"softmax.sum", {"att_func_type=softmax", "pool_type=sum"}},
          {"sigmoid.max", {"att_func_type=sigmoid", "pool_type=max"}},
          {"sigmoid.mean", {"att_func_type=sigmoid", "pool_type=mean"}},
          {"sigmoid.sum", {"att_func_type=sigmoid", "pool_type=sum"}},
          {"sparsemax.max", {"att_func_type=sparsemax", "pool_type=max"}},
          {"sparsemax.mean", {"att_func_type=sparsemax", "pool_type=mean"}},
          {"sparsemax.sum", {"att_func_type=sparsemax", "pool_type=sum"}}};
}

// ---- Presets: what differs from the defaults ----

std::vector<Preset> presets() {
  const SettingList mosi{"batch_size=8", "patience=10"};
  const SettingList mosei = mosei_branches({"batch_size=8"});
  return {
      {"mosi", "CMU-MOSI, word-aligned", mosi, kMosi},
      {"mosei", "CMU-MOSEI, word-aligned", mosei, kMosei},
      {"mosi-unaligned", "CMU-MOSI, each modality at its own rate, as the program has it", mosi,
       kMosiUnaligned},
      {"mosei-unaligned", "CMU-MOSEI, each modality at its own rate, as the program has it", mosei,
       kMoseiUnaligned},
      {"tiny", "a small model for the built-in data and for trying things out",
       tiny_branches({"batch_size=8", "sd_num=32"}), kBuiltIn},
  };
}

}  // namespace

std::vector<const ModelDef*> dhmd_models() {
  static const ModelDef model{
      .name = "dhmd",
      .title = "Decoupled Hierarchical Multimodal Distillation",
      .paper =
          "Li, Wang, Ding, Zhang, Lu, Guan: Decoupled Hierarchical Multimodal Distillation, "
          "TPAMI 2026",
      .tasks = every_task(),
      .keys = dhmd_keys(),
      .presets = presets(),
      .check = check_branches,
      .check_inputs = check_projections,
      .capture = capture_dhmd,
      .groups = groups,
      .foreign = {.companions = {"homo", "hetero"},
                  .buffers = {"version", "._float_tensor"},
                  .telltale = "homo_dict.space_dict"},
      .golden = {.capture = capture_dhmd_golden,
                 .curve = {"total", "task", "recon", "cycle", "ort", "margin", "homo_logit",
                           "homo_reg", "hetero_logit", "hetero_repr", "hetero_reg", "homo_dict",
                           "hetero_dict"},
                 .alternatives = alternatives(),
                 .expected = expected_file},
  };
  return {&model};
}

}  // namespace dmd
