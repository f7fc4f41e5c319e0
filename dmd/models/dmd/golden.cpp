#include "dmd/models/dmd/golden.h"

#include "dmd/models/blocks/golden.h"
#include "dmd/models/dmd/losses.h"
#include "dmd/models/dmd/network.h"

namespace dmd {
namespace {

using trine::Tensor;
using trine::nn::Capture;

void fetch_modality(Capture& capture, const DmdNetwork& out, Modality m) {
  const auto fetch = [&](std::string_view pattern, Tensor value) {
    capture.graph().fetch(fmt::format("forward.{}", named(pattern, m)), value);
  };
  fetch_parts(capture, m, out.parts[m]);
  fetch("logits_{}_homo", out.homo[m].logits);
  fetch("repr_{}_homo", out.homo[m].representation);
  fetch("last_h_{}", out.hetero[m].last);
  fetch("logits_{}_hetero", out.hetero[m].head.logits);
  fetch("repr_{}_hetero", out.hetero[m].head.representation);
}

}  // namespace

void capture_golden(Capture& capture, const Config& config, const Inputs& inputs) {
  const DmdOptions options = dmd_options(config);
  const DmdNetwork out = dmd_network(capture, options, inputs.features);
  const DmdObjective goal = dmd_objective(capture, options, out, inputs.labels);
  trine::Graph& graph = capture.graph();
  for (const Modality m : config.modalities) fetch_modality(capture, out, m);
  graph.fetch("forward.logits_c", out.logits_c);
  graph.fetch("forward.output_logit", out.output);
  fetch_terms(capture, goal.terms());
  fetch_unit(capture, kHomoUnit, goal.homo, options.homo);
  fetch_unit(capture, kHeteroUnit, goal.hetero, options.hetero);
}

}  // namespace dmd
