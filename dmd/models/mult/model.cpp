// The Multimodal Transformer, MulT: the ancestor of DMD.
#include <optional>

#include "dmd/models/model_def.h"

#include "dmd/models/blocks/standard_sizes.h"
#include "dmd/models/blocks/task.h"
#include "dmd/models/mult/golden.h"
#include "dmd/models/mult/keys.h"
#include "dmd/models/mult/network.h"
#include "engine/error.h"

namespace dmd {
namespace {

using trine::nn::Capture;

Captured capture_mult(Capture& capture, const Config& config, const Inputs& inputs) {
  const MultOptions options = mult_options(config);
  const MultNetwork network = mult_network(capture, options, inputs.features);
  Captured captured;
  captured.losses = {{"total", task_loss(config.task, network.output, inputs.labels)}};
  captured.outputs = {prediction_output(config, network.output)};
  for (const MultTarget& target : network.targets)
    captured.outputs.push_back(named_output(
        named("last_{}", target.modality), OutputKind::representation,
        fmt::format("what {} learned of the others, at its last step", name_of(target.modality)),
        target.last));
  return captured;
}

void check_keys(const Config& config) {
  check_branches(config);
  const std::optional<Modality> only = mult_options(config).only;
  if (only && !config.reads(*only))
    trine::fail("partial = {} predicts from what {} asks, and modalities ({}) leave it out",
                letter_of(*only), name_of(*only), name_of(config.modalities));
}

// ---- Presets ----

// Table 5 of the paper, which says "crossmodal attention block dropout" where the program has three
// rates, of attention weights, ReLU and residuals: all three are given it. Its program stops at a
// number of epochs and keeps the best weights; the rates of the plateau are the program's.
std::vector<std::string> of_paper(std::initializer_list<std::string> own, std::string_view block) {
  std::vector<std::string> settings{
      "dst_feature_dim=40",     "nlevels=4",       "conv1d_kernel_size_a=3",
      "conv1d_kernel_size_v=3", "out_dropout=0.1", "learning_rate=1e-3",
      "update_epochs=1",        "factor=0.1",      "patience=20"};
  for (const std::string_view key :
       {"attn_dropout", "attn_dropout_a", "attn_dropout_v", "relu_dropout", "res_dropout"})
    settings.push_back(fmt::format("{}={}", key, block));
  settings.insert(settings.end(), own);
  return settings;
}

std::vector<std::string> mosi() {
  return of_paper({"nheads=10", "embed_dropout=0.2", "batch_size=128", "grad_clip=0.8",
                   "epochs=100", "early_stop=100"},
                  "0.2");
}

std::vector<std::string> mosei() {
  return of_paper({"nheads=8", "embed_dropout=0.3", "batch_size=16", "grad_clip=1.0", "epochs=20",
                   "early_stop=20"},
                  "0.1");
}

std::vector<std::string> iemocap() {
  std::vector<std::string> settings =
      of_paper({"nheads=10", "embed_dropout=0.3", "batch_size=32", "learning_rate=2e-3",
                "grad_clip=0.8", "epochs=30", "early_stop=30"},
               "0.25");
  settings.insert(settings.end(),
                  {"conv1d_kernel_size_l=3", "conv1d_kernel_size_a=5", "task=emotion"});
  return settings;
}

const std::vector<std::string> kTiny{"dst_feature_dim=20",
                                     "nheads=4",
                                     "nlevels=1",
                                     "conv1d_kernel_size_l=3",
                                     "conv1d_kernel_size_a=3",
                                     "conv1d_kernel_size_v=3",
                                     "embed_dropout=0.1",
                                     "out_dropout=0.1",
                                     "learning_rate=1e-3",
                                     "grad_clip=0.8",
                                     "update_epochs=1",
                                     "early_stop=15",
                                     "epochs=40"};

std::vector<Preset> presets() {
  return {
      {"mosi", "CMU-MOSI, word-aligned", mosi(), kMosi},
      {"mosei", "CMU-MOSEI, word-aligned", mosei(), kMosei},
      {"mosi-unaligned", "CMU-MOSI, each modality at its own rate", mosi(), kMosiUnaligned},
      {"mosei-unaligned", "CMU-MOSEI, each modality at its own rate", mosei(), kMoseiUnaligned},
      {"iemocap", "IEMOCAP's four emotions, word-aligned", iemocap(), kIemocap},
      {"tiny", "a small model for the built-in data and for trying things out", kTiny, kBuiltIn},
  };
}

}  // namespace

std::vector<const ModelDef*> mult_models() {
  static const ModelDef model{
      .name = "mult",
      .title = "Multimodal Transformer",
      .paper =
          "Tsai, Bai, Liang, Kolter, Morency, Salakhutdinov: Multimodal Transformer for "
          "Unaligned Multimodal Language Sequences, ACL 2019",
      .tasks = every_task(),
      .keys = mult_keys(),
      .presets = presets(),
      .check = check_keys,
      .check_inputs = check_projections,
      .capture = capture_mult,
      .clipping = Clipping::norm,
      // DMD has all of its parameters, so no name tells a file of this model.
      .foreign = {.keys = mult_foreign_keys(),
                  .adopt = adopt_mult_keys,
                  .companions = {},
                  .buffers = {"version", "._float_tensor"},
                  .telltale = {}},
      .golden = {.capture = capture_mult_golden,
                 .curve = {"total"},
                 .alternatives = {{"no_mask", {"attn_mask=false"}},
                                  {"lonly", {"partial=l"}},
                                  {"aonly", {"partial=a"}},
                                  {"vonly", {"partial=v"}}}},
  };
  return {&model};
}

}  // namespace dmd
