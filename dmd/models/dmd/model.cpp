// Decoupled Multimodal Distilling.
#include "dmd/models/model_def.h"

#include "dmd/models/dmd/golden.h"
#include "dmd/models/dmd/keys.h"
#include "dmd/models/dmd/losses.h"
#include "dmd/models/dmd/network.h"

namespace dmd {
namespace {

using trine::Tensor;
using trine::nn::Capture;

// Widths are those of the distributed feature files with GloVe text.
constexpr SizeList kMosiWidths{300, 5, 20};
constexpr SizeList kMoseiWidths{300, 74, 35};

// ---- What it names ----

Output prediction(Tensor value) {
  return {{.name = "output",
           .kind = OutputKind::prediction,
           .meaning = "the prediction: sentiment, -3 to 3",
           .columns = {},
           .needs = {}},
          value};
}

Output fused_head(Tensor logits) {
  return {{.name = "logit_c",
           .kind = OutputKind::head,
           .meaning = "what the fused common parts of all modalities say",
           .columns = {},
           .needs = {}},
          logits};
}

Output representation(std::string_view part, Modality m, Tensor value) {
  return {{.name = fmt::format("{}_{}", part, letter_of(m)),
           .kind = OutputKind::representation,
           .meaning = fmt::format("the {} part of {}: time steps, channels", part, name_of(m)),
           .columns = {},
           .needs = {}},
          value};
}

std::vector<Output> outputs_of(const DmdNetwork& network, const DmdObjective& objective) {
  std::vector<Output> outputs{prediction(network.output), fused_head(network.logits_c)};
  for (const Modality m : kModalities)
    outputs.push_back(head_output(kHomoUnit, m, network.homo[m].logits));
  for (const Modality m : kModalities)
    outputs.push_back(head_output(kHeteroUnit, m, network.hetero[m].head.logits));
  outputs.push_back(edges_output(kHomoUnit, objective.homo.edges));
  outputs.push_back(edges_output(kHeteroUnit, objective.hetero.edges));
  for (const Modality m : kModalities) {
    outputs.push_back(representation(kHomoUnit.part, m, network.parts[m].irrelevant));
    outputs.push_back(representation(kHeteroUnit.part, m, network.parts[m].exclusive));
  }
  return outputs;
}

Captured capture_dmd(Capture& capture, const Config& config, const Inputs& inputs) {
  const DmdOptions options = dmd_options(config);
  const DmdNetwork network = dmd_network(capture, options, inputs.features);
  const DmdObjective objective = dmd_objective(capture, options, network, inputs.labels);
  return {objective.terms(), outputs_of(network, objective)};
}

// The paper's variant applies the gradient of batches that are too few for an update.
bool keeps_leftover(const Config& config) { return variant_of(config) == Variant::paper; }

// ---- Presets: what differs from the defaults, which are MOSI's ----

const std::vector<std::string> kMosei{"dst_feature_dim=30",     "nheads=6",
                                      "conv1d_kernel_size_l=5", "conv1d_kernel_size_a=1",
                                      "conv1d_kernel_size_v=3", "attn_dropout=0.4",
                                      "attn_dropout_a=0",       "attn_dropout_v=0",
                                      "embed_dropout=0",        "text_dropout=0.3"};

const std::vector<std::string> kTiny{"dst_feature_dim=20",
                                     "nheads=4",
                                     "nlevels=2",
                                     "conv1d_kernel_size_l=3",
                                     "conv1d_kernel_size_a=3",
                                     "conv1d_kernel_size_v=3",
                                     "attn_dropout=0.1",
                                     "attn_dropout_a=0.1",
                                     "attn_dropout_v=0",
                                     "embed_dropout=0.1",
                                     "output_dropout=0.1",
                                     "text_dropout=0.1",
                                     "learning_rate=1e-3",
                                     "update_epochs=2",
                                     "patience=5",
                                     "early_stop=15",
                                     "epochs=40"};

std::vector<Preset> presets() {
  return {
      {"mosi", "CMU-MOSI, word-aligned", {}, {kMosiWidths, {50, 50, 50}}},
      {"mosei", "CMU-MOSEI, word-aligned", kMosei, {kMoseiWidths, {50, 50, 50}}},
      {"mosi-unaligned",
       "CMU-MOSI, each modality at its own rate",
       {},
       {kMosiWidths, {50, 375, 500}}},
      {"mosei-unaligned",
       "CMU-MOSEI, each modality at its own rate",
       kMosei,
       {kMoseiWidths, {50, 500, 500}}},
      {"tiny",
       "a small model for the built-in data and for trying things out",
       kTiny,
       {{16, 8, 12}, {12, 20, 16}}},
  };
}

}  // namespace

const ModelDef& dmd_model() {
  static const ModelDef model{
      .name = "dmd",
      .title = "Decoupled Multimodal Distilling",
      .paper = "Li, Wang, Cui: Decoupled Multimodal Distilling for Emotion Recognition, CVPR 2023",
      .tasks = {"regression"},
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
  return model;
}

}  // namespace dmd
