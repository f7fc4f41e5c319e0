// Matrix products.
#pragma once

#include "engine/graph.h"

namespace trine {

// (..., m, k) x (..., k, n) -> (..., m, n); leading dimensions broadcast. Transposed operands are
// views: matmul(transpose(a), b) copies nothing. A right operand without batch dimensions makes
// one product of all rows of a dense left one.
Tensor matmul(Tensor a, Tensor b);

}  // namespace trine
