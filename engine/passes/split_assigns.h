// Graph to graph: an assign of rows that are joined from parts becomes an assign of each part.
#pragma once

#include "engine/graph.h"

namespace trine {

// Where the assigned value is an elementwise function of a concat along the first axis, each part
// gets an assign to its own window of the state. So the gradients of a weight's blocks need not be
// joined in memory before they are added to what the state holds.
Graph split_assigns(const Graph& graph);

}  // namespace trine
