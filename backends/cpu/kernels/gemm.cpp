// Matrix products by Eigen, on views of row-major or transposed operands.
#include "backends/cpu/kernels/level.h"

#include <Eigen/Core>

namespace trine::cpu::TRINE_CPU_NAMESPACE {
namespace {

template <int order>
using Matrix = Eigen::Map<const Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, order>, 0,
                          Eigen::OuterStride<>>;
using Result =
    Eigen::Map<Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>, 0,
               Eigen::OuterStride<>>;

template <int a_order, int b_order>
void product(const GemmArgs& g) {
  const Matrix<a_order> a(g.a, g.m, g.k,
                          Eigen::OuterStride<>(a_order == Eigen::RowMajor ? g.a_row : g.a_column));
  const Matrix<b_order> b(g.b, g.k, g.n,
                          Eigen::OuterStride<>(b_order == Eigen::RowMajor ? g.b_row : g.b_column));
  Result c(g.c, g.m, g.n, Eigen::OuterStride<>(g.c_row));
  c.noalias() = a * b;
}

}  // namespace

void gemm(const GemmArgs& g) {
  constexpr int kRow = Eigen::RowMajor, kColumn = Eigen::ColMajor;
  if (g.a_column == 1 && g.b_column == 1) return product<kRow, kRow>(g);
  if (g.a_column == 1) return product<kRow, kColumn>(g);
  if (g.b_column == 1) return product<kColumn, kRow>(g);
  product<kColumn, kColumn>(g);
}

}  // namespace trine::cpu::TRINE_CPU_NAMESPACE
