// Gradient clipping as graph ops.
#pragma once

#include <span>

#include "engine/graph.h"

namespace trine::optim {

// Every element limited to [-limit, limit].
Tensor clip_by_value(Tensor gradient, float limit);

// All gradients scaled by min(1, limit / (n + 1e-6)), n their joint Euclidean norm, as PyTorch's
// clip_grad_norm_ does: n is at most `limit` then.
Tensors clip_by_norm(std::span<const Tensor> gradients, float limit);

}  // namespace trine::optim
