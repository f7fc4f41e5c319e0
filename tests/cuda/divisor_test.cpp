// Division by multiplication, as kernels find coordinates: exact for every element that they count.
#include <cstdint>

#include <gtest/gtest.h>

#include "backends/cuda/build.h"
#include "cuda/expression.cuh"
#include "engine/philox.h"

namespace trine::cuda {
namespace {

constexpr std::int64_t kLargest = (std::int64_t{1} << 31) - 1;

void expect_exact(std::int64_t n, std::int64_t extent) {
  ASSERT_EQ(divide(static_cast<int>(n), divisor_of(extent)), n / extent) << n << " / " << extent;
}

TEST(Divisor, IsExactBesideEveryMultiple) {
  for (std::int64_t extent = 1; extent < 3000; ++extent)
    for (const std::int64_t n :
         {std::int64_t{0}, extent, 1000 * extent, kLargest / extent * extent})
      for (const std::int64_t beside : {n - 1, n, n + 1})
        if (beside >= 0 && beside <= kLargest) expect_exact(beside, extent);
}

TEST(Divisor, IsExactForExtentsNearPowersOfTwo) {
  for (int bit = 0; bit < 31; ++bit)
    for (const std::int64_t beside : {-1, 0, 1}) {
      const std::int64_t extent = (std::int64_t{1} << bit) + beside;
      if (extent < 1) continue;
      for (const std::int64_t n : {kLargest, kLargest / extent * extent, extent - 1})
        expect_exact(n, extent);
    }
}

TEST(Divisor, IsExactForDrawnNumbers) {
  const auto draw = [](std::uint32_t stream, std::uint64_t i) {
    return static_cast<std::int64_t>(static_cast<double>(random_uniform(1, stream, 0, i)) *
                                     static_cast<double>(kLargest));
  };
  for (std::uint64_t i = 0; i < 200'000; ++i) expect_exact(draw(1, i), draw(2, i) % 70'000 + 1);
}

}  // namespace
}  // namespace trine::cuda
