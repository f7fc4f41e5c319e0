// How far operands reach, for kernels that count elements in 32 bits.
#pragma once

#include <algorithm>
#include <cstdint>

#include "engine/layout.h"
#include "engine/plan.h"

namespace trine {

// Elements from the first that the operand names to behind the last, or as many as it has where
// some are named twice.
inline std::int64_t reach_of(const Operand& operand) {
  return std::max(count(operand.type.shape), extent_of(operand.type.shape, operand.strides));
}

// An operand of the step that reaches over more than `most` elements; nullptr: none does.
inline const Operand* beyond(const Step& step, std::int64_t most) {
  for (const Member& member : step.members)
    for (const auto* operands : {&member.inputs, &member.outputs})
      for (const Operand& operand : *operands)
        if (reach_of(operand) > most) return &operand;
  return nullptr;
}

}  // namespace trine
