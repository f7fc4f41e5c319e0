// The conformance suite on a GPU that is none: the device `cuda` over the stand-in for the driver,
// with expressions interpreted and, over a part of the suite, compiled by NVRTC.
#include "backends/conformance/conformance.h"
#include "tests/cuda_driver/nvrtc.h"
#include "tests/cuda_driver/stand_in.h"

namespace trine {
namespace {

class CudaConformance : public stand_in::Test {};

void expect_conformance(const ConformanceOptions& options, std::size_t at_least) {
  const auto cases = run_conformance([] { return open_device("cuda"); }, options);
  EXPECT_GE(cases.size(), at_least);
  for (const ConformanceCase& c : cases)
    EXPECT_TRUE(c.passed) << c.name << " " << c.what << ": " << c.message;
}

TEST_F(CudaConformance, EverySampleInEveryModeInterpreted) { expect_conformance({}, 500); }

// Machine code, PTX of an older architecture, machine code of an older minor version.
TEST_F(CudaConformance, HoldsForKernelsOfOtherGpus) {
  for (const char* capability : {"7.5", "8.6", "12.1"}) {
    stand_in::show_devices(capability);
    expect_conformance({.filter = "reduce_sum/*"}, 5);
  }
}

// Each kernel that takes expressions: elementwise, products, reductions, the layer norm's gradient.
TEST_F(CudaConformance, HoldsForKernelsCompiledByNvrtc) {
  TRINE_NEEDS_NVRTC();
  for (const char* filter : {"tanh/*", "select/*", "matmul/*", "reduce_max/*", "layer_norm/*"})
    expect_conformance({.filter = filter}, 3);
}

// A GPU that came out after the toolkit: the driver compiles the kernels' PTX for it.
TEST_F(CudaConformance, HoldsForGpusThatNvrtcDoesNotKnow) {
  TRINE_NEEDS_NVRTC();
  stand_in::show_devices("70.7");
  EXPECT_THAT(open_device("cuda")->info().details,
              testing::Contains(testing::Pair(
                  "fused expressions",
                  testing::AllOf(testing::StartsWith("interpreted: NVRTC"),
                                 testing::HasSubstr("does not know compute capability 70.7")))));
  expect_conformance({.filter = "tanh/*"}, 3);
}

}  // namespace
}  // namespace trine
