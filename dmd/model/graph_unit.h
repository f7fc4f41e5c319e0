// The graph distillation unit (paper section 3.2). Nodes are modalities; an edge says how much one,
// the student, learns from another, the teacher. What the paper draws as "i teaches j" is the edge
// (j, i) here.
#pragma once

#include <array>
#include <string_view>

#include "dmd/config/config.h"
#include "dmd/model/branches.h"
#include "dmd/model/per_modality.h"
#include "engine/nn/capture.h"

namespace dmd {

inline constexpr std::size_t kEdges = 6;

struct Edge {
  Modality student, teacher;
};

// (l,v), (l,a), (v,l), (v,a), (a,l), (a,v): the order of every tensor over edges.
inline constexpr std::array<Edge, kEdges> kEdgeList = [] {
  std::array<Edge, kEdges> edges{};
  std::size_t n = 0;
  for (const Modality student : kModalities)
    for (const Modality teacher : kModalities)
      if (student != teacher) edges[n++] = {student, teacher};
  return edges;
}();

// What tells the unit on the irrelevant parts from that on the exclusive parts.
struct GraphUnit {
  std::string_view name;  // scope, and prefix of its parameters
  std::int64_t width;     // of W_logit and of W_repr
  std::array<float, kEdges> prior_scores;
  // Whether the reference measures representations by their cosine; it takes their absolute
  // difference otherwise, which the paper's variant always does.
  bool by_cosine;
};

inline constexpr GraphUnit kHomoUnit{"homo", 64, {0, 0, 1, 0, 1, 0}, false};
inline constexpr GraphUnit kHeteroUnit{"hetero", 32, {0, 0, 1, 0, 1, 1}, true};

struct Distillation {
  trine::Tensor edges;  // (B, 6): each sample's softmax over the edges, before any prior
  // Scalars.
  trine::Tensor reg;             // pulls the mean edges to the prior; 0 in the paper's variant
  trine::Tensor logit;           // students' logits towards their teachers'
  trine::Tensor representation;  // the same of representations
};

Distillation distil(trine::nn::Capture& capture, const GraphUnit& unit, Variant variant,
                    const PerModality<Head>& nodes);

// A unit that an ablation leaves out: no edge, no loss.
Distillation no_distillation(trine::Graph& graph, std::int64_t batch);

// softmax(scores / 0.25): what the reference pulls a unit's mean edges to.
std::array<float, kEdges> prior_of(const GraphUnit& unit);

}  // namespace dmd
