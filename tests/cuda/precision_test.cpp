// Products with operands rounded to TF32, in emulation: near the exact ones, and not equal to them.
#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "backends/registry.h"
#include "backends/session.h"
#include "engine/error.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/matmul.h"
#include "engine/ops/state.h"
#include "engine/ops/views.h"
#include "tests/support/draws.h"

namespace trine {
namespace {

constexpr std::int64_t kRows = 70, kInner = 45, kColumns = 90;

// relu(a b') with b given as (columns, inner).
std::vector<float> product(Precision precision) {
  Graph graph;
  const Tensor a = input(graph, "a", {DType::f32, {kRows, kInner}});
  const Tensor b = input(graph, "b", {DType::f32, {kColumns, kInner}});
  graph.fetch("c", relu(matmul(a, transpose(b))));
  Session session(open_device("cuda-emulated", {.precision = precision}), {},
                  {.check_memory = true});
  Executable program = session.compile(graph, "product");
  program.feed("a", draws(1, kRows * kInner));
  program.feed("b", draws(2, kColumns * kInner));
  program.run({});
  return program.fetch("c");
}

// As cvt.rna.tf32.f32 rounds.
double tf32(float x) {
  int exponent = 0;
  const double mantissa = std::frexp(static_cast<double>(x), &exponent);
  return std::ldexp(std::round(std::ldexp(mantissa, 11)), exponent - 11);
}

TEST(Precision, Tf32RoundsOperandsAndNothingElse) {
  const std::vector<float> actual = product(Precision::tf32), a = draws(1, kRows * kInner),
                           b = draws(2, kColumns * kInner);
  for (std::int64_t i = 0; i < kRows; ++i)
    for (std::int64_t j = 0; j < kColumns; ++j) {
      double total = 0;
      for (std::int64_t p = 0; p < kInner; ++p)
        total += tf32(a[static_cast<std::size_t>(i * kInner + p)]) *
                 tf32(b[static_cast<std::size_t>(j * kInner + p)]);
      ASSERT_NEAR(actual[static_cast<std::size_t>(i * kColumns + j)], std::max(total, 0.0), 5e-6)
          << i << ", " << j;
    }
  EXPECT_NE(actual, product(Precision::f32));
}

}  // namespace
}  // namespace trine
