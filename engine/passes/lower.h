// Graph to plan: each node becomes a step over strided operands; views become layouts.
#pragma once

#include "engine/plan.h"

namespace trine {

class Graph;

// The plan of `graph` with one buffer a value, unscheduled. Steps stand in dependency order.
Plan lower(const Graph& graph, std::string name);

}  // namespace trine
