// Graph to graph: folds constants, merges equal nodes, removes what nothing needs, and rewrites
// what gradients of transposed and divided weights look like into forms that fuse.
#pragma once

#include "engine/graph.h"

namespace trine {

// The same program with fewer nodes. Keeps every fetch, every assign, and the inputs that callers
// upload, used or not. Random draws keep their ids and are never merged.
Graph simplify(const Graph& graph);

}  // namespace trine
