// The graph distillation unit (paper section 3.2). Nodes are modalities; an edge says how much one,
// the student, learns from another, the teacher. What the paper draws as "i teaches j" is the edge
// (j, i) here.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dmd/config/modality_set.h"
#include "dmd/config/per_modality.h"
#include "dmd/models/blocks/branches.h"
#include "dmd/models/blocks/variant.h"
#include "dmd/models/model_def.h"
#include "engine/nn/capture.h"

namespace dmd {

struct Edge {
  Modality student, teacher;
};

// (l,v), (l,a), (v,l), (v,a), (a,l), (a,v), those of them between modalities of the set: the order
// of every tensor over edges. E, the number of edges, is 6 for three modalities and 0 for one.
std::vector<Edge> edges_among(const ModalitySet& modalities);

// What tells the unit on the irrelevant parts from that on the exclusive parts.
struct GraphUnit {
  std::string_view name;  // scope, and prefix of its parameters and keys
  std::string_view part;  // which part of a modality it looks at, for people
  std::int64_t width;     // of W_logit and of W_repr
  // Whether the reference measures representations by their cosine; it takes their absolute
  // difference otherwise, which the paper's variant always does.
  bool by_cosine;
};

inline constexpr GraphUnit kHomoUnit{"homo", "common", 64, false};
inline constexpr GraphUnit kHeteroUnit{"hetero", "own", 32, true};

struct DistillationOptions {
  Variant variant = Variant::reference;
  std::vector<Edge> edges;
  float edge_temperature = 0;       // edges = softmax(scores / edge_temperature)
  std::vector<float> prior;         // of each edge: what the reference pulls a unit's mean edges to
  float reg_weight = 0;             // of that pull
  float representation_weight = 0;  // of representations beside logits
};

// Rows for ModelDef::keys; the defaults are the factors of the authors' program.
std::vector<Key> distillation_keys();

DistillationOptions distillation_options(const Config& config, const GraphUnit& unit);

struct Distillation {
  // (B, E): each sample's softmax over the edges, before any prior. Unset where there is no edge.
  trine::Tensor edges;
  // Scalars.
  trine::Tensor reg;             // pulls the mean edges to the prior; 0 in the paper's variant
  trine::Tensor logit;           // students' logits towards their teachers'
  trine::Tensor representation;  // the same of representations
};

// Of one modality alone, which has no edges, all losses are 0 and the unit has no parameters.
Distillation distil(trine::nn::Capture& capture, const GraphUnit& unit,
                    const DistillationOptions& options, const PerModality<Head>& nodes);

// A unit that an ablation leaves out: edges of 0, no loss.
Distillation no_distillation(trine::Graph& graph, const DistillationOptions& options,
                             std::int64_t batch);

// Appends "edges_UNIT" with a column for each edge: "homo_a_to_l" is how much l, the student,
// learns from a, the teacher. Nothing where there are no edges.
void append_edges(std::vector<Output>& outputs, const GraphUnit& unit,
                  const DistillationOptions& options, const Distillation& distilled);

// "logit_UNIT_M": what the unit's part of one modality says.
Output head_output(const GraphUnit& unit, Modality m, trine::Tensor logits);

}  // namespace dmd
