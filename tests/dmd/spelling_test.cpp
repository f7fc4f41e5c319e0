#include "dmd/config/spelling.h"

#include <array>

#include <gtest/gtest.h>

namespace dmd {
namespace {

constexpr std::array<std::string_view, 4> kNames{"learning_rate", "grad_clip", "seed", "mosei"};

TEST(Spelling, DistanceCountsEdits) {
  EXPECT_EQ(edit_distance("", ""), 0u);
  EXPECT_EQ(edit_distance("", "seed"), 4u);
  EXPECT_EQ(edit_distance("seed", "sed"), 1u);        // one left out
  EXPECT_EQ(edit_distance("seed", "seeds"), 1u);      // one too many
  EXPECT_EQ(edit_distance("seed", "seek"), 1u);       // one replaced
  EXPECT_EQ(edit_distance("seed", "sede"), 1u);       // neighbours swapped
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);  // k→s, e→i, +g
}

TEST(Spelling, FindsTheNearestName) {
  EXPECT_EQ(nearest_name("learing_rate", kNames), "learning_rate");
  EXPECT_EQ(nearest_name("mosie", kNames), "mosei");
  EXPECT_EQ(nearest_name("seed", kNames), "seed");
}

TEST(Spelling, OfEquallyManyEditsPrefersTheSameLength) {
  constexpr std::array<std::string_view, 2> names{"mosi", "mosei"};
  EXPECT_EQ(nearest_name("mosie", names), "mosei");  // a swap; "mosi" is one deletion away
}

TEST(Spelling, NamesNothingForAWordThatIsFarFromAll) {
  EXPECT_EQ(nearest_name("bananas", kNames), std::nullopt);
  EXPECT_EQ(nearest_name("seed", {}), std::nullopt);
}

TEST(Spelling, SuggestsOneNameOrListsThemAll) {
  EXPECT_EQ(suggestion("grad_clop", kNames), "; did you mean 'grad_clip'?");
  EXPECT_EQ(suggestion("bananas", kNames),
            "; expected one of learning_rate, grad_clip, seed, mosei");
}

}  // namespace
}  // namespace dmd
