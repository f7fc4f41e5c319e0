// Matrix products. On AVX2 and AVX-512 a register-tiled kernel that reads A and a row-contiguous B
// where they lie: at the sizes of DMD, packing both operands as general libraries do costs a third
// of the product (docs/performance.md has the comparison). On the baseline Eigen's.
#include "backends/cpu/kernels/lanes.h"

#if !defined(__AVX2__)
#include <Eigen/Core>
#endif

namespace trine::cpu::TRINE_CPU_NAMESPACE {
namespace {

#if defined(__AVX2__)

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

// Terms of a sum in one pass over A and B: the part of B that all rows of C need stays in cache.
constexpr std::int64_t kTerms = 1024;

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

// Some columns of C, and the terms of their sums that are next.
struct Strip {
  const float *a, *b;
  float* c;
  const GemmEnd& end;
  std::int64_t column;  // its first
  std::int64_t rows, terms;
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

// R rows of a strip of V vectors, the last of which is a `Last`. All operands may be read up to 15
// elements past the end of a row: buffers are padded for that.
template <int R, int V, class Last>
void tile(const GemmArgs& g, const Strip& strip, std::int64_t at) {
  const float *a = strip.a + at * g.a_row, *b = strip.b;
  float* c = strip.c + at * g.c_row;
  constexpr int whole = V - 1;
  Vector sum[R][V];  // one more than is used: an array of none is not allowed
  Last last[R];
  for (int r = 0; r < R; ++r) {
    float* row = c + r * g.c_row;
    for (int v = 0; v < whole; ++v)
      sum[r][v] = begin_sum<Vector>(strip, at + r, strip.column + v * kWidth, row + v * kWidth);
    last[r] = begin_sum<Last>(strip, at + r, strip.column + whole * kWidth, row + whole * kWidth);
  }
  for (std::int64_t p = 0; p < strip.terms; ++p) {
    Vector row[V];
    for (int v = 0; v < whole; ++v) row[v] = load_as<Vector>(b + v * kWidth);
    const Last row_end = load_as<Last>(b + whole * kWidth);
    for (int r = 0; r < R; ++r) {
      const float x = a[r * g.a_row];
      for (int v = 0; v < whole; ++v) sum[r][v] += (x - Vector{}) * row[v];
      last[r] += (x - Last{}) * row_end;
    }
    a += g.a_column;
    b += g.b_row;
  }
  for (int r = 0; r < R; ++r, c += g.c_row) {
    for (int v = 0; v < whole; ++v)
      end_sum(strip, at + r, strip.column + v * kWidth, c + v * kWidth, kWidth, sum[r][v]);
    end_sum(strip, at + r, strip.column + whole * kWidth, c + whole * kWidth, strip.tail, last[r]);
  }
}

// The last `left` < R rows.
template <int R, int V, class Last>
void remaining_rows(const GemmArgs& g, const Strip& strip, std::int64_t left) {
  if constexpr (R > 1) {
    if (left == R - 1) return tile<R - 1, V, Last>(g, strip, strip.rows - left);
    remaining_rows<R - 1, V, Last>(g, strip, left);
  }
}

// All rows of a strip, R at a time.
template <int R, int V, class Last>
void all_rows(const GemmArgs& g, const Strip& strip) {
  std::int64_t at = 0;
  for (; at + R <= strip.rows; at += R) tile<R, V, Last>(g, strip, at);
  remaining_rows<R, V, Last>(g, strip, strip.rows - at);
}

// The tiles keep most registers as sums, 24 of 32 or 12 of 16. next_width() chooses the strips.
#if defined(__AVX512F__)
template <class Last>
void strip_of(const GemmArgs& g, const Strip& strip, std::int64_t vectors) {
  if (vectors == 4) all_rows<6, 4, Last>(g, strip);
  if (vectors == 3) all_rows<8, 3, Last>(g, strip);
  if (vectors == 2) all_rows<8, 2, Last>(g, strip);
  if (vectors == 1) all_rows<8, 1, Last>(g, strip);
}

// Fours and threes cover any number of vectors but one, two and five without a thin remainder.
std::int64_t next_width(std::int64_t vectors) {
  if (vectors < 4) return vectors;
  return vectors % 3 == 0 ? 3 : 4;
}
#else
template <class Last>
void strip_of(const GemmArgs& g, const Strip& strip, std::int64_t vectors) {
  if (vectors == 2) all_rows<6, 2, Last>(g, strip);
  if (vectors == 1) all_rows<12, 1, Last>(g, strip);
}

std::int64_t next_width(std::int64_t vectors) { return vectors < 2 ? vectors : 2; }
#endif

void product(const GemmArgs& g) {
  // A product of no terms is zero; the loop runs once for it.
  for (std::int64_t term = 0; term == 0 || term < g.k; term += kTerms) {
    std::int64_t vectors = (g.n + kWidth - 1) / kWidth;
    for (std::int64_t column = 0; column < g.n;) {
      const std::int64_t width = next_width(vectors);
      const std::int64_t end = column + width * kWidth;
      const Strip strip = {.a = g.a + term * g.a_column,
                           .b = g.b + term * g.b_row + column,
                           .c = g.c + column,
                           .end = g.end,
                           .column = column,
                           .rows = g.m,
                           .terms = g.k - term < kTerms ? g.k - term : kTerms,
                           .tail = end <= g.n ? kWidth : g.n - (end - kWidth),
                           .first = term == 0,
                           .last = term + kTerms >= g.k};
      if (strip.tail > kWidth / 2)
        strip_of<Vector>(g, strip, width);
      else
        strip_of<Narrow>(g, strip, width);
      column = end;
      vectors -= width;
    }
  }
}

#else

template <int order>
using Matrix = Eigen::Map<const Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, order>, 0,
                          Eigen::OuterStride<> >;
using Result = Eigen::Map<Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>, 0,
                          Eigen::OuterStride<> >;

template <int a_order>
void eigen_product(const GemmArgs& g) {
  const Matrix<a_order> a(g.a, g.m, g.k,
                          Eigen::OuterStride<>(a_order == Eigen::RowMajor ? g.a_row : g.a_column));
  const Matrix<Eigen::RowMajor> b(g.b, g.k, g.n, Eigen::OuterStride<>(g.b_row));
  Result c(g.c, g.m, g.n, Eigen::OuterStride<>(g.c_row));
  if (g.end.addends[0].base == g.c)
    c.noalias() += a * b;
  else
    c.noalias() = a * b;
}

// Eigen knows no ends but adding to C: a second pass does the rest.
void finish(const GemmArgs& g) {
  const GemmEnd& end = g.end;
  for (std::int64_t i = 0; i < g.m; ++i) {
    float* row = g.c + i * g.c_row;
    for (const GemmMatrix& addend : end.addends)
      if (addend.base && addend.base != g.c)
        for (std::int64_t j = 0; j < g.n; ++j) row[j] += addend.base[i * addend.row + j];
    if (end.bounded)
      for (std::int64_t j = 0; j < g.n; ++j) {
        row[j] = row[j] < end.lower ? end.lower : row[j];
        row[j] = row[j] > end.upper ? end.upper : row[j];
      }
    if (end.gate.base)
      for (std::int64_t j = 0; j < g.n; ++j)
        row[j] *= end.gate.base[i * end.gate.row + j] > 0.0f ? 1.0f : 0.0f;
  }
}

void product(const GemmArgs& g) {
  if (g.a_column == 1)
    eigen_product<Eigen::RowMajor>(g);
  else
    eigen_product<Eigen::ColMajor>(g);
  finish(g);
}

#endif

}  // namespace

void gemm(const GemmArgs& g) { product(g); }

void transpose_matrix(float* to, const float* from, std::int64_t rows, std::int64_t columns,
                      std::int64_t from_row, std::int64_t to_row) {
  std::int64_t i = 0;
  for (; i + kLanes <= rows; i += kLanes) {
    std::int64_t j = 0;
    for (; j + kLanes <= columns; j += kLanes) {
      Lanes block[kLanes];
      for (std::int64_t l = 0; l < kLanes; ++l) block[l] = load(from + (i + l) * from_row + j);
      transpose(block);
      for (std::int64_t l = 0; l < kLanes; ++l) store(to + (j + l) * to_row + i, block[l]);
    }
    for (; j < columns; ++j)
      for (std::int64_t l = 0; l < kLanes; ++l)
        to[j * to_row + i + l] = from[(i + l) * from_row + j];
  }
  for (; i < rows; ++i)
    for (std::int64_t j = 0; j < columns; ++j) to[j * to_row + i] = from[i * from_row + j];
}

}  // namespace trine::cpu::TRINE_CPU_NAMESPACE
