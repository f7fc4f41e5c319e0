#include "dmd/model/programs.h"

#include <algorithm>
#include <vector>

#include "dmd/model/losses.h"
#include "dmd/model/model.h"
#include "dmd/text_encoder/pretrained.h"
#include "engine/nn/capture.h"
#include "engine/ops/reduce.h"
#include "engine/optim/accumulate.h"
#include "engine/optim/adam.h"
#include "engine/optim/clip.h"

namespace dmd {
namespace {

using trine::Graph;
using trine::Tensor;
using trine::nn::Capture;
using trine::nn::Mode;
using trine::nn::ParameterStore;

void fetch_unit(Graph& graph, std::string_view name, const Distillation& unit) {
  graph.fetch(fmt::format("edges.{}", name), unit.edges);
  graph.fetch(fmt::format("mean_edges.{}", name), mean(unit.edges, {0}));
}

void fetch_losses(Graph& graph, const Losses& losses) {
  for (const LossTerm& term : kLossTerms)
    graph.fetch(fmt::format("loss.{}", term.name), losses.*term.value);
}

void fetch_predictions(Graph& graph, const Outputs& out, const Objective& goal) {
  graph.fetch("output", out.output);
  graph.fetch("logits_c", out.logits_c);
  for (const Modality m : kModalities) {
    graph.fetch(named("logits_{}_homo", m), out.homo[m].logits);
    graph.fetch(named("logits_{}_hetero", m), out.hetero[m].head.logits);
  }
  fetch_unit(graph, "homo", goal.homo);
  fetch_unit(graph, "hetero", goal.hetero);
}

// Everything that accumulate and eval have in common; returns the total loss.
Tensor capture_model(Capture& capture, const Config& config, std::int64_t batch) {
  const Inputs inputs = capture_inputs(capture, config, batch);
  const Outputs outputs = forward(capture, config, inputs.features);
  const Objective goal = objective(capture, config, outputs, inputs.labels);
  fetch_losses(capture.graph(), goal.losses);
  fetch_predictions(capture.graph(), outputs, goal);
  return goal.losses.total;
}

// The encoder, whose parameters come first, may take smaller steps than the rest.
std::vector<trine::optim::ArenaPart> rates(const ParameterStore& store, const Config& config) {
  if (!config.trains_encoder() || config.text_encoder_learning_rate == 0) return {};
  const auto behind = std::ranges::find_if(store.parameters(), [](const auto& parameter) {
    return !parameter.name.starts_with(kTextModelPrefix);
  });
  const double share = config.text_encoder_learning_rate / config.learning_rate;
  return {{0, behind->offset, share}, {behind->offset, store.arena_size() - behind->offset, 1.0}};
}

}  // namespace

ParameterStore declare_parameters(const Config& config) {
  ParameterStore store;
  Graph graph;
  build_eval(graph, store, config, /*batch=*/1);
  return store;
}

void build_accumulate(Graph& graph, ParameterStore& store, const Config& config,
                      std::int64_t batch) {
  Capture capture(graph, store, Mode::training);
  const Tensor total = capture_model(capture, config, batch);
  const auto limit = static_cast<float>(config.grad_clip);
  trine::optim::accumulate_gradients(
      capture, total, [limit](Tensor g) { return trine::optim::clip_by_value(g, limit); });
}

void build_apply(Graph& graph, ParameterStore& store, const Config& config) {
  Capture capture(graph, store, Mode::training);
  trine::optim::adam(capture, {.parts = rates(store, config)});
  trine::optim::zero_gradients(capture);
}

void build_eval(Graph& graph, ParameterStore& store, const Config& config, std::int64_t batch) {
  Capture capture(graph, store, Mode::evaluation);
  capture_model(capture, config, batch);
}

void build_predict(Graph& graph, ParameterStore& store, const Config& config, std::int64_t batch) {
  Capture capture(graph, store, Mode::evaluation);
  const Inputs inputs = capture_inputs(capture, config, batch);
  const Outputs outputs = forward(capture, config, inputs.features);
  fetch_predictions(graph, outputs, objective(capture, config, outputs, inputs.labels));
}

}  // namespace dmd
