// Where a program meets the world: inputs that a caller uploads, state that outlives a run, step
// scalars, and literals.
#pragma once

#include <string>

#include "engine/graph.h"

namespace trine {

// A value that the caller uploads before a run. Names are unique within a graph.
Tensor input(Graph& graph, std::string name, Type type);

// A window of `shape` at `offset` (elements) into the state buffer `buffer`. Every read sees what
// the buffer held before the run.
Tensor state(Graph& graph, std::string buffer, std::int64_t offset, Shape shape);

// Writes `value` into a state when the program runs, after everything has read the old value. Each
// element of a state may be assigned once in a program.
void assign(Tensor state, Tensor value);

// RunParams as f32 scalars.
Tensor learning_rate(Graph& graph);
Tensor step_number(Graph& graph);

// Constants of the graph, f32, row-major.
Tensor literal(Graph& graph, Shape shape, std::vector<float> values);

// Definitions that the lowering must tell apart.
extern const OpDef kInput, kState, kLiteral, kStepScalar, kAssign;

}  // namespace trine
