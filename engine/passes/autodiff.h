// Reverse-mode differentiation as a graph transformation: gradients are ops like any others.
#pragma once

#include <span>

#include "engine/graph.h"

namespace trine {

// Gradients of a scalar `loss` with respect to each of `wrt`, in their order; an empty handle where
// the loss does not depend on a value. Emitted ops carry the scope of the op they belong to.
// Error when the loss is not a scalar, or when a needed op has no gradient rule.
Tensors gradients(Tensor loss, std::span<const Tensor> wrt);

// The same from given cotangents of several outputs: vector-Jacobian products.
Tensors vector_jacobian(const Tensors& outputs, const Tensors& cotangents,
                        std::span<const Tensor> wrt);

}  // namespace trine
