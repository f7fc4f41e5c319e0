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

// C (R, V * 16) of a tile of R rows and V vectors; the last vector has `tail` columns that exist.
// B may be read up to 15 elements past the end of a row: buffers are padded for that.
template <int R, int V>
void tile(const GemmArgs& g, const float* a, const float* b, float* c, std::int64_t tail) {
  Lanes sum[R][V];
  for (int r = 0; r < R; ++r)
    for (int v = 0; v < V; ++v) sum[r][v] = Lanes{};
  for (std::int64_t p = 0; p < g.k; ++p) {
    Lanes row[V];
    for (int v = 0; v < V; ++v) row[v] = load(b + v * kLanes);
    for (int r = 0; r < R; ++r) {
      const Lanes x = all(a[r * g.a_row]);
      for (int v = 0; v < V; ++v) sum[r][v] += x * row[v];
    }
    a += g.a_column;
    b += g.b_row;
  }
  for (int r = 0; r < R; ++r, c += g.c_row) {
    for (int v = 0; v + 1 < V; ++v) store(c + v * kLanes, sum[r][v]);
    float* last = c + (V - 1) * kLanes;
    if (tail == kLanes)
      store(last, sum[r][V - 1]);
    else
      for (std::int64_t j = 0; j < tail; ++j) last[j] = sum[r][V - 1][j];
  }
}

// All rows of V vectors of columns, R at a time.
template <int R, int V>
void columns(const GemmArgs& g, const float* b, float* c, std::int64_t tail) {
  std::int64_t i = 0;
  for (; i + R <= g.m; i += R) tile<R, V>(g, g.a + i * g.a_row, b, c + i * g.c_row, tail);
  const float* a = g.a + i * g.a_row;
  c += i * g.c_row;
  switch (g.m - i) {
    case 7:
      if constexpr (R > 7) tile<7, V>(g, a, b, c, tail);
      break;
    case 6:
      if constexpr (R > 6) tile<6, V>(g, a, b, c, tail);
      break;
    case 5:
      tile<5, V>(g, a, b, c, tail);
      break;
    case 4:
      tile<4, V>(g, a, b, c, tail);
      break;
    case 3:
      tile<3, V>(g, a, b, c, tail);
      break;
    case 2:
      tile<2, V>(g, a, b, c, tail);
      break;
    case 1:
      tile<1, V>(g, a, b, c, tail);
      break;
    default:
      break;
  }
}

// The tiles keep 24 of the 32 registers as sums. Fours and threes cover any number of vectors but
// one, two and five without a thin remainder.
void product(const GemmArgs& g) {
  std::int64_t vectors = (g.n + kLanes - 1) / kLanes;
  for (std::int64_t at = 0; at < g.n;) {
    const std::int64_t width = vectors % 3 == 0 || vectors < 4 ? (vectors < 3 ? vectors : 3) : 4;
    const std::int64_t end = at + width * kLanes;
    const std::int64_t tail = end <= g.n ? kLanes : g.n - (end - kLanes);
    const float* b = g.b + at;
    float* c = g.c + at;
    if (width == 4) columns<6, 4>(g, b, c, tail);
    if (width == 3) columns<8, 3>(g, b, c, tail);
    if (width == 2) columns<8, 2>(g, b, c, tail);
    if (width == 1) columns<8, 1>(g, b, c, tail);
    at = end;
    vectors -= width;
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
  c.noalias() = a * b;
}

void product(const GemmArgs& g) {
  if (g.a_column == 1) return eigen_product<Eigen::RowMajor>(g);
  eigen_product<Eigen::ColMajor>(g);
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
