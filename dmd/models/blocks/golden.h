// Fetches of these blocks' values under the names and in the shapes of golden numbers of the
// authors' programs: dmd/verify.
#pragma once

#include <vector>

#include "dmd/config/modality.h"
#include "dmd/models/blocks/decoupling.h"
#include "dmd/models/blocks/graph_unit.h"
#include "dmd/models/model_def.h"
#include "engine/nn/capture.h"

namespace dmd {

// forward.* of a modality's decoupling; it also computes the proj_cosine_M layer, which no other
// program needs.
void fetch_parts(trine::nn::Capture& capture, Modality m, const Decoupled& part);

// loss.*, by the authors' names.
void fetch_terms(trine::nn::Capture& capture, const std::vector<Loss>& terms);

// edges.* and prior.* of a unit.
void fetch_unit(trine::nn::Capture& capture, const GraphUnit& unit, const Distillation& distilled,
                const DistillationOptions& options);

}  // namespace dmd
