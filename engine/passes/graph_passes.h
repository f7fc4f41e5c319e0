// The passes from graph to graph.
#pragma once

#include "engine/graph.h"

namespace trine {

// Folds constants, merges equal nodes, removes what nothing needs, and rewrites what gradients of
// transposed and divided weights look like into forms that fuse. Keeps every fetch, every assign,
// and the inputs that callers upload, used or not. Random draws keep their ids and are never
// merged. split_assigns() is its last part.
Graph simplify(const Graph& graph);

// Where the assigned value is an elementwise function of a concat along the first axis, each part
// gets an assign to its own window of the state. So the gradients of a weight's blocks need not be
// joined in memory before they are added to what the state holds.
Graph split_assigns(const Graph& graph);

}  // namespace trine
