// The innermost part of matrix products: some rows by some vectors of the result, held in
// registers. Included inside sources of AVX2 and AVX-512 levels only.
#pragma once

#include "backends/cpu/kernels/lanes.h"

namespace trine::cpu::TRINE_CPU_NAMESPACE {
namespace {

typedef float HalfLanes __attribute__((vector_size(32)));

// A register, and what serves a last one of which at most half is needed: some processors take half
// the time for a half.
#if defined(__AVX512F__)
using Vector = Lanes;
using Narrow = HalfLanes;
#else
using Vector = HalfLanes;
using Narrow = HalfLanes;
#endif
constexpr std::int64_t kWidth = sizeof(Vector) / sizeof(float);

template <class V>
V load_as(const float* from) {
  V x;
  __builtin_memcpy(&x, from, sizeof(x));
  return x;
}

template <class V>
void store_first(float* to, const V& x, std::int64_t n) {
  if (n == sizeof(V) / sizeof(float))
    __builtin_memcpy(to, &x, sizeof(x));
  else
    for (std::int64_t j = 0; j < n; ++j) to[j] = x[j];
}

// Some columns of C, and the terms of their sums that are next. Strides as in GemmArgs.
struct Strip {
  const float* b;
  float* c;
  std::int64_t a_row, a_column, b_row, c_row;
  const GemmEnd& end;
  std::int64_t column;  // its first
  std::int64_t terms;
  std::int64_t tail;  // columns of the last vector that exist
  bool first, last;   // the sums begin; the sums are complete
};

// The sums of the elements from row i and column j of C on, which lie at c. Inlined, since a call
// would pass registers through memory.
template <class V>
[[gnu::always_inline]] inline V begin_sum(const Strip& strip, std::int64_t i, std::int64_t j,
                                          const float* c) {
  if (!strip.first) return load_as<V>(c);
  V sum{};
  for (const GemmMatrix& addend : strip.end.addends)
    if (addend.base) sum += load_as<V>(addend.base + i * addend.row + j);
  return sum;
}

// Stores the first n of them.
template <class V>
[[gnu::always_inline]] inline void end_sum(const Strip& strip, std::int64_t i, std::int64_t j,
                                           float* c, std::int64_t n, V sum) {
  if (strip.last) {
    const GemmEnd& end = strip.end;
    if (end.bounded) {
      sum = sum < end.lower ? end.lower - V{} : sum;
      sum = sum > end.upper ? end.upper - V{} : sum;
    }
    if (end.gate.base) {
      const V gate = load_as<V>(end.gate.base + i * end.gate.row + j);
      sum *= gate > 0.0f ? 1.0f - V{} : V{};
    }
  }
  store_first(c, sum, n);
}

// Rows at .. at + R - 1 of a strip of V vectors, the last of which is a `Last`; `a` holds their
// factors. Operands may be read up to 15 elements past the end of a row: buffers are padded for
// that.
template <int R, int V, class Last>
void tile(const Strip& strip, const float* a, std::int64_t at) {
  const float* b = strip.b;
  float* c = strip.c + at * strip.c_row;
  constexpr int whole = V - 1;
  Vector sum[R][V];  // one more than is used: an array of none is not allowed
  Last last[R];
  for (int r = 0; r < R; ++r) {
    float* row = c + r * strip.c_row;
    for (int v = 0; v < whole; ++v)
      sum[r][v] = begin_sum<Vector>(strip, at + r, strip.column + v * kWidth, row + v * kWidth);
    last[r] = begin_sum<Last>(strip, at + r, strip.column + whole * kWidth, row + whole * kWidth);
  }
  for (std::int64_t p = 0; p < strip.terms; ++p) {
    Vector row[V];
    for (int v = 0; v < whole; ++v) row[v] = load_as<Vector>(b + v * kWidth);
    const Last row_end = load_as<Last>(b + whole * kWidth);
    for (int r = 0; r < R; ++r) {
      const float x = a[r * strip.a_row];
      for (int v = 0; v < whole; ++v) sum[r][v] += (x - Vector{}) * row[v];
      last[r] += (x - Last{}) * row_end;
    }
    a += strip.a_column;
    b += strip.b_row;
  }
  for (int r = 0; r < R; ++r, c += strip.c_row) {
    for (int v = 0; v < whole; ++v)
      end_sum(strip, at + r, strip.column + v * kWidth, c + v * kWidth, kWidth, sum[r][v]);
    end_sum(strip, at + r, strip.column + whole * kWidth, c + whole * kWidth, strip.tail, last[r]);
  }
}

}  // namespace
}  // namespace trine::cpu::TRINE_CPU_NAMESPACE
