// The cosine of the authors' program, shared by the orthogonality loss and the hetero unit.
#pragma once

#include "engine/tensor.h"

namespace dmd {

// Sum ab / sqrt((Sum a^2 + 1e-12) (Sum b^2 + 1e-12)) over one axis, which disappears. Zero vectors,
// such as padding, give 0 and finite gradients.
trine::Tensor cosine(trine::Tensor a, trine::Tensor b, int axis);

}  // namespace dmd
