// Extents that narrow and wide heads have in common.
#pragma once

#include "backends/cpu/kernels/lanes.h"

namespace trine::cpu::TRINE_CPU_NAMESPACE {
namespace {

inline std::int64_t padded(std::int64_t n) { return (n + kLanes - 1) / kLanes * kLanes; }

// Keys that a row sees, the mask aside.
inline std::int64_t visible(const AttentionArgs& a, std::int64_t row) {
  const std::int64_t n = a.visible + row;
  return n < 0 ? 0 : least(n, a.keys);
}

}  // namespace
}  // namespace trine::cpu::TRINE_CPU_NAMESPACE
