#include "dmd/data/batches.h"

#include <algorithm>

#include "dmd/data/random.h"
#include "tests/support/errors.h"

namespace dmd {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Rows = std::vector<std::int64_t>;

// Three utterances whose numbers tell where they come from: row, step and feature.
Split numbered_split() {
  Split split;
  split.labels = {0.0f, 0.1f, 0.2f};
  split.text = {.n = 3, .steps = 2, .width = 2, .values = {}};
  for (int row = 0; row < 3; ++row)
    for (int step = 0; step < 2; ++step)
      for (int feature = 0; feature < 2; ++feature)
        split.text.values.push_back(static_cast<float>(100 * row + 10 * step + feature));
  split.audio = {.n = 3, .steps = 1, .width = 1, .values = {1, 2, 3}};
  split.vision = {.n = 3, .steps = 1, .width = 2, .values = {1, -1, 2, -2, 3, -3}};
  return split;
}

TEST(Random, IsTheSameOnEveryPlatform) {
  Random random(1111, 0);
  EXPECT_EQ(random.next(), 11827836698957636618u);
  EXPECT_EQ(random.next(), 7946720503718678547u);
}

TEST(Random, StreamsAndSeedsDiffer) {
  EXPECT_NE(Random(1, 0).next(), Random(1, 1).next());
  EXPECT_NE(Random(1, 0).next(), Random(2, 0).next());
  EXPECT_NE(Random(1, 2).next(), Random(2, 1).next());
}

TEST(Random, BelowIsEven) {
  Random random(5, 0);
  std::vector<int> counts(6);
  for (int i = 0; i < 60000; ++i) ++counts[random.below(6)];
  for (int count : counts) EXPECT_NEAR(count, 10000, 400);  // over four standard deviations
  EXPECT_EQ(random.below(1), 0u);
}

TEST(Random, NormalHasMeanZeroAndVarianceOne) {
  Random random(6, 0);
  constexpr int n = 100000;
  double sum = 0, squares = 0;
  for (int i = 0; i < n; ++i) {
    const double x = random.normal();
    sum += x;
    squares += x * x;
  }
  EXPECT_NEAR(sum / n, 0, 0.015);
  EXPECT_NEAR(squares / n, 1, 0.02);
}

TEST(Random, UniformStaysBelowOne) {
  Random random(7, 0);
  double sum = 0, most = 0, least = 1;
  for (int i = 0; i < 10000; ++i) {
    const double x = random.uniform();
    sum += x;
    most = std::max(most, x);
    least = std::min(least, x);
  }
  EXPECT_NEAR(sum / 10000, 0.5, 0.015);
  EXPECT_GE(least, 0.0);
  EXPECT_LT(most, 1.0);
  EXPECT_GT(most, 0.99);
}

TEST(Batches, ShuffledOrderHoldsEveryRowOnce) {
  Rows order = shuffled_order(100, 1111, 0);
  EXPECT_NE(order, file_order(100));
  std::ranges::sort(order);
  EXPECT_EQ(order, file_order(100));
}

TEST(Batches, ShuffledOrderIsTheSameOnEveryPlatform) {
  EXPECT_THAT(shuffled_order(8, 1111, 3), ElementsAre(4, 7, 6, 3, 5, 1, 0, 2));
}

TEST(Batches, ShuffledOrderDependsOnSeedAndEpochAlone) {
  EXPECT_EQ(shuffled_order(50, 1, 2), shuffled_order(50, 1, 2));
  EXPECT_NE(shuffled_order(50, 1, 2), shuffled_order(50, 1, 3));
  EXPECT_NE(shuffled_order(50, 1, 2), shuffled_order(50, 2, 2));
}

TEST(Batches, SmallOrdersNeedNoShuffling) {
  EXPECT_THAT(shuffled_order(0, 1, 0), IsEmpty());
  EXPECT_THAT(shuffled_order(1, 1, 0), ElementsAre(0));
}

TEST(Batches, TheLastBatchMayBeShort) {
  const Rows order = file_order(7);
  const auto batches = batches_of(order, 3);
  ASSERT_EQ(batches.size(), 3u);
  EXPECT_THAT(batches[0], ElementsAre(0, 1, 2));
  EXPECT_THAT(batches[2], ElementsAre(6));
  EXPECT_EQ(batches_of(file_order(6), 3).size(), 2u);
  EXPECT_THAT(batches_of({}, 3), IsEmpty());
}

TEST(Batches, SizesBelowOneAreRefused) {
  const Rows order = file_order(3);
  EXPECT_THAT(error_of([&] { batches_of(order, 0); }), HasSubstr("at least 1, not 0"));
}

TEST(Batches, GatherPutsRowsSideBySide) {
  Batch batch;
  gather(numbered_split(), Rows{2, 0}, batch);
  EXPECT_EQ(batch.size, 2);
  EXPECT_THAT(batch.text, ElementsAre(200, 201, 210, 211, 0, 1, 10, 11));
  EXPECT_THAT(batch.audio, ElementsAre(3, 1));
  EXPECT_THAT(batch.vision, ElementsAre(3, -3, 1, -1));
  EXPECT_THAT(batch.labels, ElementsAre(0.2f, 0.0f));
  EXPECT_THAT(batch.ids, IsEmpty());
}

TEST(Batches, GatherTakesTokensAlong) {
  Split split = numbered_split();
  split.bert = {.n = 3,
                .tokens = 2,
                .ids = {10, 11, 20, 21, 30, 31},
                .mask = {1, 1, 1, 0, 0, 0},
                .segments = {0, 0, 0, 1, 1, 1}};
  Batch batch;
  gather(split, Rows{1, 2}, batch);
  EXPECT_THAT(batch.ids, ElementsAre(20, 21, 30, 31));
  EXPECT_THAT(batch.mask, ElementsAre(1, 0, 0, 0));
  EXPECT_THAT(batch.segments, ElementsAre(0, 1, 1, 1));
}

TEST(Batches, AShorterBatchLeavesNothingOfTheOneBefore) {
  Batch batch;
  gather(numbered_split(), Rows{0, 1, 2}, batch);
  gather(numbered_split(), Rows{1}, batch);
  EXPECT_EQ(batch.size, 1);
  EXPECT_THAT(batch.text, ElementsAre(100, 101, 110, 111));
  EXPECT_THAT(batch.labels, ElementsAre(0.1f));
}

TEST(Batches, ARowOutsideTheSplitIsRefused) {
  Batch batch;
  EXPECT_THAT(error_of([&] { gather(numbered_split(), Rows{3}, batch); }),
              HasSubstr("utterance 3 of a split of 3"));
  EXPECT_THAT(error_of([&] { gather(numbered_split(), Rows{-1}, batch); }), HasSubstr("-1"));
}

}  // namespace
}  // namespace dmd
