// The conformance suite under the sanitizer: every kernel, every sample of every op, in every mode.
#include <gtest/gtest.h>

#include "backends/conformance/conformance.h"
#include "tests/cuda_sanitizer/machine.h"
#include "tests/cuda_sanitizer/sanitizer.h"

namespace trine::sanitizer {
namespace {

void expect_nothing_found(Precision precision, const ConformanceOptions& options) {
  const std::uint64_t before = Sanitizer::instance().accesses();
  const auto cases = run_conformance([&] { return make_backend(precision); }, options);
  EXPECT_FALSE(cases.empty());
  for (const ConformanceCase& c : cases)
    EXPECT_TRUE(c.passed || c.message.find("of the program") == std::string::npos)
        << c.name << " " << c.what << ": " << c.message;
  EXPECT_GT(Sanitizer::instance().accesses(), before + 100'000);
}

TEST(CudaSanitizer, NothingIsFoundInTheConformanceSuite) {
  expect_nothing_found(Precision::f32, {});
}

TEST(CudaSanitizer, NothingIsFoundInProductsOnTensorCores) {
  expect_nothing_found(Precision::tf32, {.filter = "matmul/*", .gradient = false});
}

}  // namespace
}  // namespace trine::sanitizer
