#include "dmd/model/graph_unit.h"

#include <cmath>
#include <vector>

#include "dmd/model/cosine.h"
#include "engine/nn/layers.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/movement.h"
#include "engine/ops/reduce.h"
#include "engine/ops/softmax.h"
#include "engine/ops/state.h"
#include "engine/ops/views.h"

namespace dmd {
namespace {

using trine::Tensor;
using trine::Tensors;
using trine::nn::Capture;
using trine::nn::linear;

// The factors of the authors' program.
constexpr float kEdgeTemperature = 8.0f;
constexpr float kPriorTemperature = 0.25f;
constexpr float kRegWeight = 10.0f;
constexpr float kRepresentationWeight = 10.0f;

// A value of each node (B, w) at one end of all edges: (B, 6, w).
Tensor at_ends(const PerModality<Tensor>& nodes, Modality Edge::*end) {
  Tensors rows;
  for (const Edge& edge : kEdgeList) rows.push_back(unsqueeze(nodes[edge.*end], 1));
  return trine::concat(rows, /*axis=*/1);
}

Tensor at_students(const PerModality<Tensor>& nodes) { return at_ends(nodes, &Edge::student); }
Tensor at_teachers(const PerModality<Tensor>& nodes) { return at_ends(nodes, &Edge::teacher); }

// E (B, 6).
Tensor learned_edges(Capture& capture, const GraphUnit& unit, const PerModality<Head>& heads) {
  PerModality<Tensor> z;  // (B, 2G)
  for (const Modality m : kModalities)
    z[m] = trine::concat({linear(capture, "W_logit", heads[m].logits, unit.width),
                          linear(capture, "W_repr", heads[m].representation, unit.width)},
                         /*axis=*/1);
  const Tensor ends = trine::concat({at_students(z), at_teachers(z)}, /*axis=*/2);  // (B, 6, 4G)
  return softmax(squeeze(linear(capture, "W_edge", ends, 1), 2) * (1.0f / kEdgeTemperature));
}

// Sum over edges of the mean over samples of w |student - teacher|, summed over channels; values
// (B, c) a node, w (B, 6).
Tensor weighted_distance(Tensor w, const PerModality<Tensor>& values) {
  const Tensor gap = abs(at_students(values) - stop_gradient(at_teachers(values)));
  return sum(mean(w * sum(gap, {2}), {0}));
}

// Sum over edges of mean_b(max(0, cosine)) mean_b(w). It grows with similarity, so it pushes
// representations apart where they agree; that is what the authors' program does.
Tensor weighted_cosine(Tensor w, const PerModality<Tensor>& values) {
  const Tensor alike = cosine(at_students(values), stop_gradient(at_teachers(values)), 2);
  return sum(mean(relu(alike), {0}) * mean(w, {0}));
}

}  // namespace

Distillation distil(Capture& capture, const GraphUnit& unit, Variant variant,
                    const PerModality<Head>& nodes) {
  const trine::Scope scope(capture.graph(), unit.name);
  const bool reference = variant == Variant::reference;
  PerModality<Tensor> logits, representations;
  for (const Modality m : kModalities) {
    logits[m] = nodes[m].logits;
    representations[m] = nodes[m].representation;
  }

  const Tensor edges = learned_edges(capture, unit, nodes);
  Tensor w = edges, reg = fill(capture.graph(), {}, 0.0f);
  if (reference) {
    const auto scores = prior_of(unit);
    const Tensor prior =
        literal(capture.graph(), {kEdges}, std::vector<float>(scores.begin(), scores.end()));
    w = edges + prior;
    reg = sum(square(mean(edges, {0}) - prior)) * kRegWeight;
  }
  const Tensor gap = reference && unit.by_cosine ? weighted_cosine(w, representations)
                                                 : weighted_distance(w, representations);
  return {.edges = edges,
          .reg = reg,
          .logit = weighted_distance(w, logits),
          .representation = gap * kRepresentationWeight};
}

Distillation no_distillation(trine::Graph& graph, std::int64_t batch) {
  const Tensor zero = fill(graph, {}, 0.0f);
  return {fill(graph, {batch, kEdges}, 0.0f), zero, zero, zero};
}

std::array<float, kEdges> prior_of(const GraphUnit& unit) {
  std::array<float, kEdges> prior{};
  float total = 0.0f;
  for (const float score : unit.prior_scores) total += std::exp(score / kPriorTemperature);
  for (std::size_t i = 0; i < kEdges; ++i)
    prior[i] = std::exp(unit.prior_scores[i] / kPriorTemperature) / total;
  return prior;
}

}  // namespace dmd
