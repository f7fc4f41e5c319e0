// Ops that draw random numbers (Philox, engine/philox.h). Each has an id, given at capture, and
// what it draws is a function of the run's seed, this id and the run's step.
#pragma once

#include "engine/graph.h"

namespace trine {

// Uniform draws in [0, 1), made anew in every run.
Tensor random_uniform(Graph& graph, Shape shape);

// Each element of x, which is f32, kept with probability 1 - rate and scaled by 1 / (1 - rate),
// else 0 (Srivastava et al. 2014). The mask is drawn again in the backward pass, not stored. Rate 0
// returns x itself; a rate outside [0, 1) is an Error.
Tensor dropout(Tensor x, double rate);

}  // namespace trine
