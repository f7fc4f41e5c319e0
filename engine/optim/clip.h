// Gradient clipping as graph ops.
#pragma once

#include <span>

#include "engine/graph.h"

namespace trine::optim {

// Every element limited to [-limit, limit].
Tensor clip_by_value(Tensor gradient, float limit);

// All gradients scaled alike so that their joint Euclidean norm is at most `limit`.
Tensors clip_by_norm(std::span<const Tensor> gradients, float limit);

}  // namespace trine::optim
