#include "dmd/models/dmd/golden.h"

#include "dmd/models/dmd/losses.h"
#include "dmd/models/dmd/network.h"
#include "engine/nn/layers.h"
#include "engine/ops/state.h"
#include "engine/ops/views.h"

namespace dmd {
namespace {

using trine::Tensor;
using trine::nn::Capture;

// (B, N, d) as the authors' program holds it.
Tensor time_first(Tensor x) { return transpose(x, 0, 1); }      // (N, B, d)
Tensor channels_first(Tensor x) { return transpose(x, 1, 2); }  // (B, d, N)

void fetch_modality(Capture& capture, const DmdNetwork& out, Modality m) {
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
                                       flattened(part.exclusive), part.aligned.dim(1)));
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

void fetch_unit(Capture& capture, const GraphUnit& unit, const Distillation& distilled,
                const DistillationOptions& options) {
  trine::Graph& graph = capture.graph();
  graph.fetch(fmt::format("edges.{}", unit.name), transpose(distilled.edges));
  const std::vector<float> prior(options.prior.begin(), options.prior.end());
  graph.fetch(fmt::format("prior.{}", unit.name), literal(graph, {kEdges}, prior));
}

}  // namespace

void capture_golden(Capture& capture, const Config& config, const Inputs& inputs) {
  const DmdOptions options = dmd_options(config);
  const DmdNetwork out = dmd_network(capture, options, inputs.features);
  const DmdObjective goal = dmd_objective(capture, options, out, inputs.labels);
  trine::Graph& graph = capture.graph();
  for (const Modality m : kModalities) fetch_modality(capture, out, m);
  graph.fetch("forward.logits_c", out.logits_c);
  graph.fetch("forward.output_logit", out.output);
  for (const Loss& loss : goal.terms())
    graph.fetch(fmt::format("loss.{}", authors_name(loss.name)), loss.value);
  fetch_unit(capture, kHomoUnit, goal.homo, options.homo);
  fetch_unit(capture, kHeteroUnit, goal.hetero, options.hetero);
}

}  // namespace dmd
