#include "dmd/models/blocks/graph_unit.h"

#include <cmath>
#include <utility>
#include <vector>

#include <fmt/ranges.h>

#include "dmd/models/blocks/cosine.h"
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

// A value of each node (B, w) at one end of all edges: (B, 6, w).
Tensor at_ends(const PerModality<Tensor>& nodes, Modality Edge::*end) {
  Tensors rows;
  for (const Edge& edge : kEdgeList) rows.push_back(unsqueeze(nodes[edge.*end], 1));
  return trine::concat(rows, /*axis=*/1);
}

Tensor at_students(const PerModality<Tensor>& nodes) { return at_ends(nodes, &Edge::student); }
Tensor at_teachers(const PerModality<Tensor>& nodes) { return at_ends(nodes, &Edge::teacher); }

// E (B, 6).
Tensor learned_edges(Capture& capture, const GraphUnit& unit, float temperature,
                     const PerModality<Head>& heads) {
  PerModality<Tensor> z;  // (B, 2G)
  for (const Modality m : kModalities)
    z[m] = trine::concat({linear(capture, "W_logit", heads[m].logits, unit.width),
                          linear(capture, "W_repr", heads[m].representation, unit.width)},
                         /*axis=*/1);
  const Tensor ends = trine::concat({at_students(z), at_teachers(z)}, /*axis=*/2);  // (B, 6, 4G)
  return softmax(squeeze(linear(capture, "W_edge", ends, 1), 2) * (1.0f / temperature));
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

// softmax(scores / temperature).
std::array<float, kEdges> prior_of(const std::vector<double>& scores, float temperature) {
  std::array<float, kEdges> prior{};
  float total = 0.0f;
  for (std::size_t i = 0; i < kEdges; ++i)
    total += prior[i] = std::exp(static_cast<float>(scores[i]) / temperature);
  for (float& share : prior) share /= total;
  return prior;
}

Key real(std::string_view name, double standard, Range range, std::string_view meaning) {
  return {.name = name, .standard = standard, .range = range, .choices = {}, .meaning = meaning};
}

Key prior_scores(std::string_view name, std::vector<double> standard, std::string_view meaning) {
  return {.name = name,
          .standard = std::move(standard),
          .range = kAny,
          .choices = {},
          .meaning = meaning};
}

}  // namespace

std::vector<Key> distillation_keys() {
  return {
      real("edge_temperature", 8.0, kPositive, "what scores of edges are divided by"),
      real("prior_temperature", 0.25, kPositive, "what scores of the priors are divided by"),
      prior_scores("homo_prior", {0, 0, 1, 0, 1, 0},
                   "scores of the prior over homo edges (l,v) (l,a) (v,l) (v,a) (a,l) (a,v)"),
      prior_scores("hetero_prior", {0, 0, 1, 0, 1, 1}, "the same over hetero edges"),
      real("edge_reg_weight", 10.0, kNotNegative, "weight of the pull of mean edges to the prior"),
      real("representation_weight", 10.0, kNotNegative,
           "weight of distilled representations beside distilled logits"),
  };
}

DistillationOptions distillation_options(const Config& config, const GraphUnit& unit) {
  const Settings& keys = config.settings;
  const auto factor = [&](std::string_view key) { return static_cast<float>(keys.real(key)); };
  return {
      .variant = variant_of(config),
      .edge_temperature = factor("edge_temperature"),
      .prior = prior_of(keys.list(fmt::format("{}_prior", unit.name)), factor("prior_temperature")),
      .reg_weight = factor("edge_reg_weight"),
      .representation_weight = factor("representation_weight")};
}

Distillation distil(Capture& capture, const GraphUnit& unit, const DistillationOptions& options,
                    const PerModality<Head>& nodes) {
  const trine::Scope scope(capture.graph(), unit.name);
  const bool reference = options.variant == Variant::reference;
  PerModality<Tensor> logits, representations;
  for (const Modality m : kModalities) {
    logits[m] = nodes[m].logits;
    representations[m] = nodes[m].representation;
  }

  const Tensor edges = learned_edges(capture, unit, options.edge_temperature, nodes);
  Tensor w = edges, reg = fill(capture.graph(), {}, 0.0f);
  if (reference) {
    const Tensor prior = literal(capture.graph(), {kEdges},
                                 std::vector<float>(options.prior.begin(), options.prior.end()));
    w = edges + prior;
    reg = sum(square(mean(edges, {0}) - prior)) * options.reg_weight;
  }
  const Tensor gap = reference && unit.by_cosine ? weighted_cosine(w, representations)
                                                 : weighted_distance(w, representations);
  return {.edges = edges,
          .reg = reg,
          .logit = weighted_distance(w, logits),
          .representation = gap * options.representation_weight};
}

Distillation no_distillation(trine::Graph& graph, std::int64_t batch) {
  const Tensor zero = fill(graph, {}, 0.0f);
  return {fill(graph, {batch, kEdges}, 0.0f), zero, zero, zero};
}

Output edges_output(const GraphUnit& unit, Tensor edges) {
  std::vector<std::string> columns;
  for (const Edge& edge : kEdgeList)
    columns.push_back(
        fmt::format("{}_{}_to_{}", unit.name, letter_of(edge.teacher), letter_of(edge.student)));
  return {{.name = fmt::format("edges_{}", unit.name),
           .kind = OutputKind::edges,
           .meaning = fmt::format("{}; they add up to 1", fmt::join(columns, ", ")),
           .columns = columns,
           .needs = fmt::format("{}.", unit.name)},
          edges};
}

Output head_output(const GraphUnit& unit, Modality m, Tensor logits) {
  return named_output(fmt::format("logit_{}_{}", unit.name, letter_of(m)), OutputKind::head,
                      fmt::format("what the {} part of {} says", unit.part, name_of(m)), logits);
}

}  // namespace dmd
