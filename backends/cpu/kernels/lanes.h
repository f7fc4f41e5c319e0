// Sixteen floats at a time in the compiler's vector type: one register where the level has wide
// ones, several where it has not. The arithmetic is the same on every level. Of vectors wider than
// a register the compiler takes arithmetic and bits apart register by register, but comparisons,
// choices, shuffles and repeated scalars lane by lane: those are written out here.
#pragma once

#include "backends/cpu/kernels/level.h"

namespace trine::cpu::TRINE_CPU_NAMESPACE {
namespace {

typedef float Lanes __attribute__((vector_size(64)));
typedef std::int32_t LaneInts __attribute__((vector_size(64)));

// The smaller one: see kernels.h on what the standard library is not used for.
inline std::int64_t least(std::int64_t a, std::int64_t b) { return a < b ? a : b; }

inline Lanes load(const float* from) {
  Lanes x;
  __builtin_memcpy(&x, from, sizeof(x));
  return x;
}

inline void store(float* to, Lanes x) { __builtin_memcpy(to, &x, sizeof(x)); }

#if defined(__AVX512F__)
inline Lanes all(float x) { return x - Lanes{}; }
#else
inline Lanes all(float x) {
  typedef float Eight __attribute__((vector_size(32)));
  const Eight eight[2] = {x - Eight{}, x - Eight{}};
  return load(reinterpret_cast<const float*>(eight));
}
#endif

// All ones where a < b, else 0.
#if defined(__AVX512F__)
inline LaneInts less(Lanes a, Lanes b) { return a < b; }
inline LaneInts less(LaneInts a, LaneInts b) { return a < b; }
inline Lanes choose(LaneInts mask, Lanes a, Lanes b) { return mask ? a : b; }
#else
inline LaneInts less(Lanes a, Lanes b) { return (LaneInts)(a - b) >> 31; }
inline LaneInts less(LaneInts a, LaneInts b) { return (a - b) >> 31; }
inline Lanes choose(LaneInts mask, Lanes a, Lanes b) {
  return (Lanes)((mask & (LaneInts)a) | (~mask & (LaneInts)b));
}
#endif

inline Lanes lanes_max(Lanes a, Lanes b) { return choose(less(b, a), a, b); }

// Whether every lane is 0: of sums of products with 0, where NaN and infinities leave NaN.
inline bool all_zero(const Lanes& x) {
  const LaneInts bits = (LaneInts)x << 1;  // without the sign
  std::int32_t found = 0;
  for (int l = 0; l < kLanes; ++l) found |= bits[l];
  return found == 0;
}

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

// Swaps lane l of row r with lane r of row l of n rows of n lanes, by exchanging halves, quarters,
// ... of pairs of rows.
template <int n, class Ints, class Row>
inline void exchange(Row* rows) {
  Ints lane;
  for (int l = 0; l < n; ++l) lane[l] = l;
  for (int half = n / 2; half > 0; half /= 2) {
    const Ints upper = (lane & half) != 0;
    const Ints first = upper ? lane - half + n : lane;
    const Ints second = upper ? lane + n : lane + half;
    for (int r = 0; r < n; ++r) {
      if (r & half) continue;
      const Row a = rows[r], b = rows[r + half];
      rows[r] = __builtin_shuffle(a, b, first);
      rows[r + half] = __builtin_shuffle(a, b, second);
    }
  }
}

#if defined(__AVX512F__)
inline void transpose(Lanes* rows) { exchange<kLanes, LaneInts>(rows); }
#else
// In four parts of eight by eight, of which two change places.
inline void transpose(Lanes* rows) {
  typedef float Eight __attribute__((vector_size(32)));
  typedef std::int32_t EightInts __attribute__((vector_size(32)));
  Eight part[2][2][8];  // of rows, of columns
  for (int r = 0; r < kLanes; ++r)
    for (int c = 0; c < 2; ++c)
      __builtin_memcpy(&part[r / 8][c][r % 8], reinterpret_cast<const Eight*>(&rows[r]) + c, 32);
  for (auto& row : part)
    for (auto& block : row) exchange<8, EightInts>(block);
  for (int r = 0; r < kLanes; ++r)
    for (int c = 0; c < 2; ++c)
      __builtin_memcpy(reinterpret_cast<Eight*>(&rows[r]) + c, &part[c][r / 8][r % 8], 32);
}
#endif

}  // namespace
}  // namespace trine::cpu::TRINE_CPU_NAMESPACE
