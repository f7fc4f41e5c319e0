#include "dmd/data/missing.h"

#include <gmock/gmock.h>

namespace dmd {
namespace {

using testing::Each;

TEST(Missing, PutsZerosInPlaceOfOneModality) {
  for (const Modality dropped : kModalities) {
    Split split;
    for (const Modality m : kModalities) sequence_of(split, m) = {1, 2, 3, std::vector(6, 1.5f)};
    drop(split, dropped);
    for (const Modality m : kModalities)
      EXPECT_THAT(sequence_of(split, m).values, Each(m == dropped ? 0.0f : 1.5f)) << name_of(m);
  }
}

}  // namespace
}  // namespace dmd
