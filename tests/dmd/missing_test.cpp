#include "dmd/data/missing.h"

#include <gmock/gmock.h>

#include "dmd/models/configuration.h"

namespace dmd {
namespace {

using testing::Each;

TEST(Missing, PutsZerosInPlaceOfOneModality) {
  for (const Modality dropped : kModalities) {
    Split split;
    for (const Modality m : kModalities) sequence_of(split, m) = {1, 2, 3, std::vector(6, 1.5f)};
    drop(split, dropped, default_config());
    for (const Modality m : kModalities)
      EXPECT_THAT(sequence_of(split, m).values, Each(m == dropped ? 0.0f : 1.5f)) << name_of(m);
  }
}

// Of a modality that the file does not have, zeros of the model's sizes.
TEST(Missing, PutsZerosWhereThereIsNothing) {
  Split split;
  split.labels = {0, 0};
  split.text = {2, 1, 1, {1, 1}};
  EXPECT_EQ(name_of(modalities_of(split)), "text");
  Config config = default_config();
  config.seq_lens = {1, 3, 2};  // l, a, v
  config.feature_dims = {1, 4, 5};
  drop(split, Modality::audio, config);
  EXPECT_EQ(split.audio.steps, 3);
  EXPECT_EQ(split.audio.width, 4);
  EXPECT_THAT(split.audio.values, testing::AllOf(testing::SizeIs(24), Each(0.0f)));

  config.modalities = config.modalities.without(Modality::vision);
  drop(split, Modality::vision, config);
  EXPECT_EQ(name_of(modalities_of(split)), "text,audio");
}

}  // namespace
}  // namespace dmd
