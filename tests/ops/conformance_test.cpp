// Every op's samples on every backend that needs no hardware, in every mode.
#include <gtest/gtest.h>

#include "backends/conformance/conformance.h"
#include "backends/registry.h"

namespace trine {
namespace {

class Conformance : public testing::TestWithParam<std::string> {};

TEST_P(Conformance, EverySampleInEveryMode) {
  const auto cases = run_conformance([&] { return open_device(GetParam(), {.threads = 2}); }, {});
  EXPECT_GT(cases.size(), 500u);
  for (const ConformanceCase& c : cases)
    EXPECT_TRUE(c.passed) << c.name << " " << c.what << ": " << c.message;
}

INSTANTIATE_TEST_SUITE_P(Devices, Conformance, testing::Values("reference", "cpu"));

TEST(Glob, MatchesStarsAndQuestionMarks) {
  EXPECT_TRUE(glob_match("*", "softmax/causal"));
  EXPECT_TRUE(glob_match("soft*/c?usal", "softmax/causal"));
  EXPECT_FALSE(glob_match("softmax", "softmax/causal"));
  EXPECT_FALSE(glob_match("?", ""));
}

}  // namespace
}  // namespace trine
