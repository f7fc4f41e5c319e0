#include "dmd/verify/golden_program.h"

#include "dmd/model/losses.h"
#include "dmd/model/model.h"
#include "engine/nn/layers.h"
#include "engine/ops/views.h"

namespace dmd {
namespace {

using trine::Graph;
using trine::Tensor;
using trine::nn::Capture;

// (B, N, d) as the authors' program holds it.
Tensor time_first(Tensor x) { return transpose(x, 0, 1); }      // (N, B, d)
Tensor channels_first(Tensor x) { return transpose(x, 1, 2); }  // (B, d, N)

void fetch_modality(Capture& capture, const Config& config, const Outputs& out, Modality m) {
  const auto fetch = [&](std::string_view pattern, Tensor value) {
    capture.graph().fetch(fmt::format("forward.{}", named(pattern, m)), value);
  };
  const Decoupled& part = out.parts[m];
  fetch("origin_{}", channels_first(part.input));
  fetch("s_{}", time_first(part.exclusive));
  fetch("c_{}", time_first(part.irrelevant));
  fetch("recon_{}", channels_first(part.reconstruction));
  fetch("s_{}_r", channels_first(part.exclusive_again));
  fetch("c_{}_sim", part.aligned);
  fetch("proj_s_{}", trine::nn::linear(capture, named("proj_cosine_{}", m),
                                       flattened(part.exclusive), config.dst_feature_dim));
  fetch("logits_{}_homo", out.homo[m].logits);
  fetch("repr_{}_homo", out.homo[m].representation);
  fetch("last_h_{}", out.hetero[m].last);
  fetch("logits_{}_hetero", out.hetero[m].head.logits);
  fetch("repr_{}_hetero", out.hetero[m].head.representation);
}

// The authors' names of the terms, where they are others.
std::string_view authors_name(std::string_view term) {
  if (term == "cycle") return "s_sr";
  if (term == "margin") return "sim";
  return term;
}

}  // namespace

void build_golden(Graph& graph, trine::nn::ParameterStore& store, const Config& config,
                  std::int64_t batch) {
  Capture capture(graph, store, trine::nn::Mode::evaluation);
  const Inputs inputs = capture_inputs(capture, config, batch);
  const Outputs out = forward(capture, config, inputs.features);
  const Objective goal = objective(capture, config, out, inputs.labels);
  for (const Modality m : kModalities) fetch_modality(capture, config, out, m);
  graph.fetch("forward.logits_c", out.logits_c);
  graph.fetch("forward.output_logit", out.output);
  for (const LossTerm& term : kLossTerms)
    graph.fetch(fmt::format("loss.{}", authors_name(term.name)), goal.losses.*term.value);
  graph.fetch("edges.homo", transpose(goal.homo.edges));
  graph.fetch("edges.hetero", transpose(goal.hetero.edges));
}

}  // namespace dmd
