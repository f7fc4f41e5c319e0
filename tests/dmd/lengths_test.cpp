// Clips that are shorter or longer than those that a model was trained on.
#include <gmock/gmock.h>

#include "dmd/data/lengths.h"
#include "dmd/models/configuration.h"

namespace dmd {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Split two_utterances() {
  Split split;
  split.ids = {"a", "b"};
  split.labels = {0, 1};
  split.text = {2, 2, 1, {1, 2, 3, 4}};
  split.audio = {2, 2, 2, {1, 2, 3, 4, 5, 6, 7, 8}};
  split.vision = {2, 1, 1, {9, 10}};
  return split;
}

Config of_lengths(const SizeList& lengths) {
  Config config = default_config();
  config.seq_lens = lengths;
  return config;
}

TEST(Lengths, ZerosComeFirstAndTheFirstStepsStay) {
  Split split = two_utterances();
  EXPECT_THAT(fit_lengths(split, of_lengths({3, 1, 1})),
              ElementsAre("text has 2 time steps, and the model was made for 3: zeros go before "
                          "them",
                          "audio has 2 time steps, and the model was made for 1: the first of them "
                          "are used"));
  EXPECT_EQ(split.text.steps, 3);
  EXPECT_THAT(split.text.values, ElementsAre(0, 1, 2, 0, 3, 4));
  EXPECT_EQ(split.audio.steps, 1);
  EXPECT_THAT(split.audio.values, ElementsAre(1, 2, 5, 6));
  EXPECT_THAT(split.vision.values, ElementsAre(9, 10));
}

TEST(Lengths, OfTheDataStay) {
  Split split = two_utterances();
  EXPECT_THAT(fit_lengths(split, of_lengths({0, 2, 0})), IsEmpty());
  EXPECT_EQ(split.text.steps, 2);
}

// What an encoder makes of tokens has their number.
TEST(Lengths, OfAnEncodersFeaturesStay) {
  Split split = two_utterances();
  Config config = of_lengths({5, 2, 1});
  config.text_encoder = TextEncoder::bert;
  config.text_model = standard_encoder(TextEncoder::bert);
  EXPECT_THAT(fit_lengths(split, config), IsEmpty());
}

}  // namespace
}  // namespace dmd
