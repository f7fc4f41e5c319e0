#include "dmd/models/blocks/golden.h"

#include <iterator>

#include "engine/nn/layers.h"
#include "engine/ops/state.h"
#include "engine/ops/views.h"

namespace dmd {
namespace {

using trine::Tensor;
using trine::nn::Capture;

// The authors' names of the terms, where they are others.
std::string_view authors_name(std::string_view term) {
  if (term == "cycle") return "s_sr";
  if (term == "margin") return "sim";
  return term;
}

// (B, N, d) as the authors' program holds it.
Tensor time_first(Tensor x) { return transpose(x, 0, 1); }      // (N, B, d)
Tensor channels_first(Tensor x) { return transpose(x, 1, 2); }  // (B, d, N)

}  // namespace

void fetch_parts(Capture& capture, Modality m, const Decoupled& part) {
  const auto fetch = [&](std::string_view pattern, Tensor value) {
    capture.graph().fetch(fmt::format("forward.{}", named(pattern, m)), value);
  };
  fetch("origin_{}", channels_first(part.input));
  fetch("s_{}", time_first(part.exclusive));
  fetch("c_{}", time_first(part.irrelevant));
  fetch("recon_{}", channels_first(part.reconstruction));
  fetch("s_{}_r", channels_first(part.exclusive_again));
  fetch("c_{}_sim", part.aligned);
  fetch("proj_s_{}", trine::nn::linear(capture, named("proj_cosine_{}", m),
                                       flattened(part.exclusive), part.aligned.dim(1)));
}

void fetch_terms(Capture& capture, const std::vector<Loss>& terms) {
  for (const Loss& loss : terms)
    capture.graph().fetch(fmt::format("loss.{}", authors_name(loss.name)), loss.value);
}

void fetch_unit(Capture& capture, const GraphUnit& unit, const Distillation& distilled,
                const DistillationOptions& options) {
  trine::Graph& graph = capture.graph();
  graph.fetch(fmt::format("edges.{}", unit.name), transpose(distilled.edges));
  graph.fetch(fmt::format("prior.{}", unit.name),
              literal(graph, {std::ssize(options.prior)}, options.prior));
}

}  // namespace dmd
