// How the index space of a reduction is walked, for backends that cut it themselves.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/plan.h"

namespace trine {

// An index space reordered to outer x reduced x inner, with the operands' strides in that order.
// Neighbouring dimensions are merged where all operands allow. What is kept innermost stays
// innermost: neighbouring elements of it are neighbours in memory. `inner` is 1 where the innermost
// dimension is reduced.
struct ReductionOrder {
  Shape shape;
  std::vector<Strides> strides;  // of each operand
  std::int64_t outer = 1, reduced = 1, inner = 1;
};

// `axes` are those of `shape` that are reduced; the operands walk all of it.
ReductionOrder reduction_order(const Dims& axes, const Shape& shape,
                               std::span<const Operand> operands);

}  // namespace trine
