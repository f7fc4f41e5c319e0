// A graph as a drawing for Graphviz.
#pragma once

#include <string>
#include <string_view>

#include "engine/graph.h"

namespace dmd::cli {

// One box for each scope that captured ops (a module of the model), with the number of its ops, and
// an arrow for each type of value that flows from one module to another.
std::string to_dot(const trine::Graph& graph, std::string_view title);

}  // namespace dmd::cli
