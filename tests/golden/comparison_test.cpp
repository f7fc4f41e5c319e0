#include "dmd/verify/comparison.h"
#include "backends/registry.h"
#include "dmd/verify/verify.h"

#include <cmath>
#include <limits>
#include <vector>

#include <gmock/gmock.h>

#include "dmd/verify/verify.h"
#include "engine/error.h"

namespace dmd {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;
using Values = std::vector<double>;

TEST(MaxError, IsTheLargestDifferenceOverTheLargestExpectedValue) {
  EXPECT_DOUBLE_EQ(max_error("x", Values{1, -4.5, 0}, Values{1, -4, 0.25}, 1e-9), 0.5 / 4);
}

TEST(MaxError, TakesTheFloorWhereNothingIsExpected) {
  EXPECT_DOUBLE_EQ(max_error("x", Values{1e-6, 0}, Values{0, 0}, 1e-3), 1e-3);
}

TEST(MaxError, NeverPassesWhatIsNoNumber) {
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(max_error("x", Values{std::nan("")}, Values{1}, 1), infinity);
  EXPECT_EQ(max_error("x", Values{infinity}, Values{1}, 1), infinity);
}

TEST(NormError, IsTheNormOfTheDifferenceOverThatOfTheExpectedValues) {
  EXPECT_DOUBLE_EQ(norm_error("x", Values{3, 4.5}, Values{3, 4}, 1e-9), 0.5 / 5);
  EXPECT_DOUBLE_EQ(norm_error("x", Values{0.5}, Values{0}, 2), 0.25);
}

TEST(Errors, NameValuesOfAnotherSize) {
  EXPECT_THAT(
      [] {
        max_error("forward.s_l", Values{1}, Values{1, 2}, 1);
      },
      ThrowsMessage<trine::Error>(HasSubstr("forward.s_l: this model gives 1 values")));
}

TEST(GroupError, KeepsTheWorst) {
  GroupError group;
  group.add("a", 0.1);
  group.add("b", 0.3);
  group.add("c", 0.2);
  EXPECT_EQ(group.largest, 0.3);
  EXPECT_EQ(group.worst, "b");
  group.add("d", std::nan(""));
  EXPECT_EQ(group.largest, std::numeric_limits<double>::infinity());
  EXPECT_EQ(group.worst, "d");
}

TEST(Verify, NamesTheFileThatIsMissing) {
  trine::Session session(trine::open_device("reference"));
  EXPECT_THAT([&] { verify("/nowhere", session); },
              ThrowsMessage<trine::Error>(HasSubstr("/nowhere/config.json")));
}

}  // namespace
}  // namespace dmd
