#include "dmd/models/dhmd/golden.h"

#include "dmd/models/blocks/golden.h"
#include "dmd/models/dhmd/losses.h"
#include "dmd/models/dhmd/network.h"

namespace dmd {
namespace {

using trine::Tensor;
using trine::nn::Capture;

void fetch_modality(Capture& capture, const DhmdNetwork& out, Modality m) {
  const auto fetch = [&](std::string_view pattern, Tensor value) {
    capture.graph().fetch(fmt::format("forward.{}", named(pattern, m)), value);
  };
  fetch_parts(capture, m, out.parts[m]);
  fetch("logits_{}_homo", out.homo[m].logits);
  fetch("repr_{}_homo", out.homo[m].representation);
  fetch("logits_{}_hetero", out.hetero[m].logits);
  fetch("repr_{}_hetero", out.hetero[m].representation);
  fetch("homo_pool_{}", out.homo_found[m].scores);
  fetch("homo_weight_{}", out.homo_found[m].shares);
  fetch("c_{}_dict", out.homo_found[m].vector);
  fetch("hetero_pool_{}", out.hetero_found[m].scores);
  fetch("hetero_weight_{}", out.hetero_found[m].shares);
  fetch("s_{}_dict", out.hetero_found[m].vector);
  fetch("c_{}_att", out.irrelevant_last[m]);
  fetch("last_h_{}", out.exclusive_last[m]);
  fetch("fusion_c_{}", out.irrelevant_fused[m]);
  fetch("fusion_s_{}", out.exclusive_fused[m]);
  fetch("gate_{}", gate(capture, named("weight_{}", m), out.exclusive_fused[m]));
}

}  // namespace

void capture_dhmd_golden(Capture& capture, const Config& config, const Inputs& inputs) {
  const DhmdOptions options = dhmd_options(config);
  const DhmdNetwork out = dhmd_network(capture, options, inputs.features);
  const DhmdObjective goal = dhmd_objective(capture, options, out, inputs.labels);
  for (const Modality m : config.modalities) fetch_modality(capture, out, m);
  capture.graph().fetch("forward.logits_c", out.logits_c);
  capture.graph().fetch("forward.output_logit", out.output);
  fetch_terms(capture, goal.terms());
  fetch_unit(capture, kHomoUnit, goal.homo, options.homo);
  fetch_unit(capture, kHeteroUnit, goal.hetero, options.hetero);
}

}  // namespace dmd
