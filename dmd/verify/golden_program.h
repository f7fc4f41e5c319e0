// One evaluation whose fetches carry the names and the shapes of a fixture's expected values.
#pragma once

#include <cstdint>

#include "dmd/config/config.h"
#include "engine/graph.h"
#include "engine/nn/parameters.h"

namespace dmd {

// Inputs as in programs.h. Fetches forward.*, loss.* and edges.*, as the fixtures' README lists
// them. It also computes the proj_cosine_M layers, which no other program needs.
void build_golden(trine::Graph& graph, trine::nn::ParameterStore& store, const Config& config,
                  std::int64_t batch);

}  // namespace dmd
