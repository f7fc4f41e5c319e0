// A model of one's own in every command of dmd: the features of each modality averaged over time,
// side by side, and two layers on top. It is the least that a model can be; docs/add-a-model.md
// says what more it may name.
//
//   mean_pooling train --model mean_pooling --config small --data synthetic
//   mean_pooling eval --checkpoint runs/... --data synthetic
#include "dmd/cli/run.h"
#include "dmd/models/registry.h"
#include "engine/nn/layers.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/movement.h"
#include "engine/ops/reduce.h"

namespace {

using namespace dmd;
using trine::Tensor;
using trine::Tensors;
using trine::nn::Capture;
using trine::nn::linear;

Captured capture(Capture& capture, const Config& config, const Inputs& inputs) {
  Tensors means;  // (B, D) each
  for (const Modality m : config.modalities) means.push_back(mean(inputs.features[m], {1}));
  const Tensor joined = trine::concat(means, /*axis=*/1);
  const Tensor hidden = relu(linear(capture, "hidden", joined, config.settings.whole("width")));
  const Tensor dropped = capture.dropout(hidden, config.settings.real("dropout"));
  const Tensor output = linear(capture, "output", dropped, 1);
  const Tensor loss = mean(abs(output - inputs.labels));
  return {.losses = {{"total", loss}},
          .outputs = {named_output("output", OutputKind::prediction,
                                   "the prediction: sentiment, -3 to 3", output)}};
}

const ModelDef kMeanPooling{
    .name = "mean_pooling",
    .title = "Means over time",
    .paper = "none: an example",
    .tasks = {"regression"},
    .keys = {{"width", std::int64_t{32}, kSize, {}, "units of the hidden layer"},
             {"dropout", 0.1, kRate, {}, "dropout of the hidden layer"}},
    .presets = {{"small",
                 "the built-in data",
                 {"learning_rate=1e-2", "update_epochs=1", "epochs=20"},
                 {{16, 8, 12}, {12, 20, 16}}}},
    .capture = capture,
};

}  // namespace

int main(int argc, char** argv) {
  register_model(kMeanPooling);
  return cli::run(argc, argv);
}
