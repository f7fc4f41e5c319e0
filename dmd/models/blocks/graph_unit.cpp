#include "dmd/models/blocks/graph_unit.h"

#include <cmath>
#include <iterator>
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

using Edges = std::vector<Edge>;

// A value of each node (B, w) at one end of all edges: (B, E, w).
Tensor at_ends(const Edges& edges, const PerModality<Tensor>& nodes, Modality Edge::*end) {
  Tensors rows;
  for (const Edge& edge : edges) rows.push_back(unsqueeze(nodes[edge.*end], 1));
  return trine::concat(rows, /*axis=*/1);
}

Tensor at_students(const Edges& edges, const PerModality<Tensor>& nodes) {
  return at_ends(edges, nodes, &Edge::student);
}
Tensor at_teachers(const Edges& edges, const PerModality<Tensor>& nodes) {
  return at_ends(edges, nodes, &Edge::teacher);
}

ModalitySet nodes_of(const Edges& edges) {
  ModalitySet nodes;
  for (const Edge& edge : edges) nodes.add(edge.student);
  return nodes;
}

// (B, E).
Tensor learned_edges(Capture& capture, const GraphUnit& unit, const DistillationOptions& options,
                     const PerModality<Head>& heads) {
  PerModality<Tensor> z;  // (B, 2G)
  for (const Modality m : nodes_of(options.edges))
    z[m] = trine::concat({linear(capture, "W_logit", heads[m].logits, unit.width),
                          linear(capture, "W_repr", heads[m].representation, unit.width)},
                         /*axis=*/1);
  const Tensor ends = trine::concat({at_students(options.edges, z), at_teachers(options.edges, z)},
                                    /*axis=*/2);  // (B, E, 4G)
  return softmax(squeeze(linear(capture, "W_edge", ends, 1), 2) *
                 (1.0f / options.edge_temperature));
}

// Sum over edges of the mean over samples of w |student - teacher|, summed over channels; values
// (B, c) of each node, w (B, E).
Tensor weighted_distance(const Edges& edges, Tensor w, const PerModality<Tensor>& values) {
  const Tensor gap = abs(at_students(edges, values) - stop_gradient(at_teachers(edges, values)));
  return sum(mean(w * sum(gap, {2}), {0}));
}

// Sum over edges of mean_b(max(0, cosine)) mean_b(w). It grows with similarity, so it pushes
// representations apart where they agree; that is what the authors' program does.
Tensor weighted_cosine(const Edges& edges, Tensor w, const PerModality<Tensor>& values) {
  const Tensor alike =
      cosine(at_students(edges, values), stop_gradient(at_teachers(edges, values)), 2);
  return sum(mean(relu(alike), {0}) * mean(w, {0}));
}

// softmax(scores / temperature) over the edges there are; a score for each edge of all modalities.
std::vector<float> prior_of(const std::vector<double>& scores, const ModalitySet& modalities,
                            float temperature) {
  const Edges all = edges_among(ModalitySet::all());
  std::vector<float> prior;
  float total = 0.0f;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!modalities.contains(all[i].student) || !modalities.contains(all[i].teacher)) continue;
    prior.push_back(std::exp(static_cast<float>(scores[i]) / temperature));
    total += prior.back();
  }
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

std::vector<Edge> edges_among(const ModalitySet& modalities) {
  std::vector<Edge> edges;
  for (const Modality student : modalities)
    for (const Modality teacher : modalities)
      if (student != teacher) edges.push_back({student, teacher});
  return edges;
}

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
  return {.variant = variant_of(config),
          .edges = edges_among(config.modalities),
          .edge_temperature = factor("edge_temperature"),
          .prior = prior_of(keys.list(fmt::format("{}_prior", unit.name)), config.modalities,
                            factor("prior_temperature")),
          .reg_weight = factor("edge_reg_weight"),
          .representation_weight = factor("representation_weight")};
}

Distillation distil(Capture& capture, const GraphUnit& unit, const DistillationOptions& options,
                    const PerModality<Head>& nodes) {
  const Edges& among = options.edges;
  if (among.empty()) return no_distillation(capture.graph(), options, /*batch=*/0);
  const trine::Scope scope(capture.graph(), unit.name);
  const bool reference = options.variant == Variant::reference;
  PerModality<Tensor> logits, representations;
  for (const Modality m : nodes_of(among)) {
    logits[m] = nodes[m].logits;
    representations[m] = nodes[m].representation;
  }

  const Tensor edges = learned_edges(capture, unit, options, nodes);
  Tensor w = edges, reg = fill(capture.graph(), {}, 0.0f);
  if (reference) {
    const Tensor prior = literal(capture.graph(), {std::ssize(options.prior)}, options.prior);
    w = edges + prior;
    reg = sum(square(mean(edges, {0}) - prior)) * options.reg_weight;
  }
  const Tensor gap = reference && unit.by_cosine ? weighted_cosine(among, w, representations)
                                                 : weighted_distance(among, w, representations);
  return {.edges = edges,
          .reg = reg,
          .logit = weighted_distance(among, w, logits),
          .representation = gap * options.representation_weight};
}

Distillation no_distillation(trine::Graph& graph, const DistillationOptions& options,
                             std::int64_t batch) {
  const Tensor zero = fill(graph, {}, 0.0f);
  const std::int64_t edges = std::ssize(options.edges);
  return {edges > 0 ? fill(graph, {batch, edges}, 0.0f) : Tensor{}, zero, zero, zero};
}

void append_edges(std::vector<Output>& outputs, const GraphUnit& unit,
                  const DistillationOptions& options, const Distillation& distilled) {
  if (options.edges.empty()) return;
  std::vector<std::string> columns;
  for (const Edge& edge : options.edges)
    columns.push_back(
        fmt::format("{}_{}_to_{}", unit.name, letter_of(edge.teacher), letter_of(edge.student)));
  outputs.push_back({{.name = fmt::format("edges_{}", unit.name),
                      .kind = OutputKind::edges,
                      .meaning = fmt::format("{}; they add up to 1", fmt::join(columns, ", ")),
                      .columns = columns,
                      .needs = fmt::format("{}.", unit.name)},
                     distilled.edges});
}

Output head_output(const GraphUnit& unit, Modality m, Tensor logits) {
  return named_output(fmt::format("logit_{}_{}", unit.name, letter_of(m)), OutputKind::head,
                      fmt::format("what the {} part of {} says", unit.part, name_of(m)), logits);
}

}  // namespace dmd
