// Sixteen floats at a time in the compiler's vector type: one register where the level has wide
// ones, several where it has not. The arithmetic is the same on every level.
#pragma once

#include "backends/cpu/kernels/level.h"

namespace trine::cpu::TRINE_CPU_NAMESPACE {
namespace {

typedef float Lanes __attribute__((vector_size(64)));
typedef std::int32_t LaneInts __attribute__((vector_size(64)));

inline Lanes load(const float* from) {
  Lanes x;
  __builtin_memcpy(&x, from, sizeof(x));
  return x;
}

inline void store(float* to, Lanes x) { __builtin_memcpy(to, &x, sizeof(x)); }

inline Lanes all(float x) { return x - Lanes{}; }

inline Lanes lanes_max(Lanes a, Lanes b) { return a > b ? a : b; }

inline LaneInts lane_numbers() {
  return LaneInts{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
}

// exp() of math.h on every lane, for arguments that are at most 0.7 or so: one factor holds 2^n.
inline Lanes lanes_exp(Lanes x) {
  x = lanes_max(x, all(-87.33654f));
  // Adding 1.5 * 2^23 rounds to the nearest integer, which then stands in the low bits.
  const Lanes shifted = x * 1.44269504f + 12582912.0f;
  const Lanes n = shifted - 12582912.0f;
  const LaneInts power = ((LaneInts)shifted << 23) + (127 << 23);
  Lanes r = x - n * 0.693359375f;
  r = r + n * 2.12194440e-4f;
  Lanes p = r * 1.9875691500e-4f + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * (r * r) + (r + 1.0f);
  return p * (Lanes)power;
}

// Swaps lane l of row r with lane r of row l, by exchanging halves, quarters, ... of pairs of rows.
inline void transpose(Lanes* rows) {
  for (int half = kLanes / 2; half > 0; half /= 2) {
    const LaneInts lane = lane_numbers();
    const LaneInts upper = (lane & half) != 0;
    const LaneInts first = upper ? lane - half + static_cast<int>(kLanes) : lane;
    const LaneInts second = upper ? lane + static_cast<int>(kLanes) : lane + half;
    for (int r = 0; r < kLanes; ++r) {
      if (r & half) continue;
      const Lanes a = rows[r], b = rows[r + half];
      rows[r] = __builtin_shuffle(a, b, first);
      rows[r + half] = __builtin_shuffle(a, b, second);
    }
  }
}

}  // namespace
}  // namespace trine::cpu::TRINE_CPU_NAMESPACE
