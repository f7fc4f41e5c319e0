// The conformance suite on the emulated device: every kernel of cuda/, in every mode.
#include <gtest/gtest.h>

#include "backends/conformance/conformance.h"
#include "backends/registry.h"

namespace trine {
namespace {

TEST(CudaEmulation, EverySampleInEveryMode) {
  const auto cases = run_conformance([] { return open_device("cuda-emulated"); }, {});
  EXPECT_GT(cases.size(), 500u);
  for (const ConformanceCase& c : cases)
    EXPECT_TRUE(c.passed) << c.name << " " << c.what << ": " << c.message;
}

}  // namespace
}  // namespace trine
