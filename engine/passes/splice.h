// Joining two expressions into one, for the fusion pass.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "engine/plan.h"

namespace trine {

// An expression with the operands and scalars that it reads.
struct BoundExpression {
  Expression code;
  std::vector<Operand> inputs;         // one for each of code.inputs, after `given` registers
  std::vector<std::uint32_t> scalars;  // of the member; slots of `code` index these
  int given = 0;                       // leading registers that a kernel supplies, not operands
};

// `first`, then `second`, whose inputs at `links` (input number of second, output number of first)
// are results of the first. Stores the second's outputs, then those of the first listed in `keep`.
// Operands that both read stand once.
BoundExpression splice(const BoundExpression& first, const BoundExpression& second,
                       std::span<const std::pair<int, int>> links, std::span<const int> keep);

// The operand over another shape of as many elements in the same order, if strides can say it.
std::optional<Operand> over_shape(const Operand& operand, const Shape& shape);

}  // namespace trine
