// Matrix products. On AVX-512 a register-tiled kernel that reads A and a row-contiguous B where
// they lie: at the sizes of DMD, packing both operands as general libraries do costs a third of the
// product (docs/performance.md has the comparison). On lower levels Eigen's.
#include "backends/cpu/kernels/lanes.h"

#if !defined(__AVX512F__)
#include <Eigen/Core>
#endif

namespace trine::cpu::TRINE_CPU_NAMESPACE {
namespace {

#if defined(__AVX512F__)

// Terms of a sum in one pass over A and B: the part of B that all rows of C need stays in cache.
constexpr std::int64_t kTerms = 1024;

typedef float HalfLanes __attribute__((vector_size(32)));

// A whole or half vector, whichever `Vector` is.
template <class Vector>
Vector load_as(const float* from) {
  Vector x;
  __builtin_memcpy(&x, from, sizeof(x));
  return x;
}

template <class Vector>
void store_first(float* to, const Vector& x, std::int64_t n) {
  if (n == sizeof(Vector) / sizeof(float))
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

// The sums of the elements from row i and column j of C on, which lie at c.
template <class Vector>
Vector begin_sum(const Strip& strip, std::int64_t i, std::int64_t j, const float* c) {
  if (!strip.first) return load_as<Vector>(c);
  Vector sum{};
  for (const GemmMatrix& addend : strip.end.addends)
    if (addend.base) sum += load_as<Vector>(addend.base + i * addend.row + j);
  return sum;
}

// Stores the first n of them.
template <class Vector>
void end_sum(const Strip& strip, std::int64_t i, std::int64_t j, float* c, std::int64_t n,
             Vector sum) {
  if (strip.last) {
    const GemmEnd& end = strip.end;
    if (end.bounded) {
      sum = sum < end.lower ? end.lower - Vector{} : sum;
      sum = sum > end.upper ? end.upper - Vector{} : sum;
    }
    if (end.gate.base) {
      const Vector gate = load_as<Vector>(end.gate.base + i * end.gate.row + j);
      sum *= gate > 0.0f ? 1.0f - Vector{} : Vector{};
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
  Lanes sum[R][V];  // one more than is used: an array of none is not allowed
  Last last[R];
  for (int r = 0; r < R; ++r) {
    float* row = c + r * g.c_row;
    for (int v = 0; v < whole; ++v)
      sum[r][v] = begin_sum<Lanes>(strip, at + r, strip.column + v * kLanes, row + v * kLanes);
    last[r] = begin_sum<Last>(strip, at + r, strip.column + whole * kLanes, row + whole * kLanes);
  }
  for (std::int64_t p = 0; p < strip.terms; ++p) {
    Lanes row[V];
    for (int v = 0; v < whole; ++v) row[v] = load(b + v * kLanes);
    const Last row_end = load_as<Last>(b + whole * kLanes);
    for (int r = 0; r < R; ++r) {
      const float x = a[r * g.a_row];
      for (int v = 0; v < whole; ++v) sum[r][v] += all(x) * row[v];
      last[r] += (x - Last{}) * row_end;
    }
    a += g.a_column;
    b += g.b_row;
  }
  for (int r = 0; r < R; ++r, c += g.c_row) {
    for (int v = 0; v < whole; ++v)
      end_sum(strip, at + r, strip.column + v * kLanes, c + v * kLanes, kLanes, sum[r][v]);
    end_sum(strip, at + r, strip.column + whole * kLanes, c + whole * kLanes, strip.tail, last[r]);
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

// The tiles keep 24 of the 32 registers as sums. A last vector of up to eight columns is a half:
// some processors take half the time for it.
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

void product(const GemmArgs& g) {
  // A product of no terms is zero; the loop runs once for it.
  for (std::int64_t term = 0; term == 0 || term < g.k; term += kTerms) {
    std::int64_t vectors = (g.n + kLanes - 1) / kLanes;
    for (std::int64_t column = 0; column < g.n;) {
      const std::int64_t width = next_width(vectors);
      const std::int64_t end = column + width * kLanes;
      const Strip strip = {.a = g.a + term * g.a_column,
                           .b = g.b + term * g.b_row + column,
                           .c = g.c + column,
                           .end = g.end,
                           .column = column,
                           .rows = g.m,
                           .terms = g.k - term < kTerms ? g.k - term : kTerms,
                           .tail = end <= g.n ? kLanes : g.n - (end - kLanes),
                           .first = term == 0,
                           .last = term + kTerms >= g.k};
      if (strip.tail > kLanes / 2)
        strip_of<Lanes>(g, strip, width);
      else
        strip_of<HalfLanes>(g, strip, width);
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
