// Which values may be written over the operand that they are computed from.
#pragma once

#include <vector>

#include "engine/plan.h"

namespace trine {

// For each buffer of a scheduled plan, the value buffer that it may replace, or -1: an elementwise
// step reads an element of that value and writes the element of this one at the same place, and
// nothing reads that value in the same wave or later. Every backend loads the operands of an
// element before it stores the result.
std::vector<int> find_replacements(const Plan& plan);

}  // namespace trine
