// Matrix products. On AVX2 and AVX-512 a register-tiled kernel that reads A and a row-contiguous B
// where they lie: at the sizes of DMD, packing both operands as general libraries do costs a third
// of the product (docs/performance.md has the comparison). On the baseline Eigen's.
#include "backends/cpu/kernels/lanes.h"

#if defined(__AVX2__)
#include "backends/cpu/kernels/tile.h"
#else
#include <Eigen/Core>
#endif

namespace trine::cpu::TRINE_CPU_NAMESPACE {
namespace {

#if defined(__AVX2__)

// Terms of a sum in one pass over A and B: the part of B that all rows of C need stays in cache.
constexpr std::int64_t kTerms = 1024;

// The last `left` < R of `rows` rows.
template <int R, int V, class Last>
void remaining_rows(const Strip& strip, const float* a, std::int64_t rows, std::int64_t left) {
  if constexpr (R > 1) {
    const std::int64_t at = rows - left;
    if (left == R - 1) return tile<R - 1, V, Last>(strip, a + at * strip.a_row, at);
    remaining_rows<R - 1, V, Last>(strip, a, rows, left);
  }
}

// All rows of a strip, R at a time.
template <int R, int V, class Last>
void all_rows(const Strip& strip, const float* a, std::int64_t rows) {
  std::int64_t at = 0;
  for (; at + R <= rows; at += R) tile<R, V, Last>(strip, a + at * strip.a_row, at);
  remaining_rows<R, V, Last>(strip, a, rows, rows - at);
}

// The tiles keep most registers as sums, 24 of 32 or 12 of 16. next_width() chooses the strips.
#if defined(__AVX512F__)
template <class Last>
void strip_of(const Strip& strip, const float* a, std::int64_t rows, std::int64_t vectors) {
  if (vectors == 4) all_rows<6, 4, Last>(strip, a, rows);
  if (vectors == 3) all_rows<8, 3, Last>(strip, a, rows);
  if (vectors == 2) all_rows<8, 2, Last>(strip, a, rows);
  if (vectors == 1) all_rows<8, 1, Last>(strip, a, rows);
}

// Fours and threes cover any number of vectors but one, two and five without a thin remainder.
std::int64_t next_width(std::int64_t vectors) {
  if (vectors < 4) return vectors;
  return vectors % 3 == 0 ? 3 : 4;
}
#else
template <class Last>
void strip_of(const Strip& strip, const float* a, std::int64_t rows, std::int64_t vectors) {
  if (vectors == 2) all_rows<6, 2, Last>(strip, a, rows);
  if (vectors == 1) all_rows<12, 1, Last>(strip, a, rows);
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
      const Strip strip = {.b = g.b + term * g.b_row + column,
                           .c = g.c + column,
                           .a_row = g.a_row,
                           .a_column = g.a_column,
                           .b_row = g.b_row,
                           .c_row = g.c_row,
                           .end = g.end,
                           .column = column,
                           .terms = g.k - term < kTerms ? g.k - term : kTerms,
                           .tail = end <= g.n ? kWidth : g.n - (end - kWidth),
                           .first = term == 0,
                           .last = term + kTerms >= g.k};
      const float* a = g.a + term * g.a_column;
      if (strip.tail > kWidth / 2)
        strip_of<Vector>(strip, a, g.m, width);
      else
        strip_of<Narrow>(strip, a, g.m, width);
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

template <int a_order, int b_order>
void eigen_product(const GemmArgs& g) {
  const Matrix<a_order> a(g.a, g.m, g.k,
                          Eigen::OuterStride<>(a_order == Eigen::RowMajor ? g.a_row : g.a_column));
  const Matrix<b_order> b(g.b, g.k, g.n,
                          Eigen::OuterStride<>(b_order == Eigen::RowMajor ? g.b_row : g.b_column));
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
  if (g.a_column != 1)
    eigen_product<Eigen::ColMajor, Eigen::RowMajor>(g);
  else if (g.b_column == 1)
    eigen_product<Eigen::RowMajor, Eigen::RowMajor>(g);
  else
    eigen_product<Eigen::RowMajor, Eigen::ColMajor>(g);
  finish(g);
}

#endif

}  // namespace

void gemm(const GemmArgs& g) { product(g); }

#if !defined(__AVX2__)
// Eigen packs by itself.
void packed_gemm(const GemmArgs& g, const PackedLeft&, const PackedRight&, float*) { product(g); }
#endif

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
