#include "dmd/config/modality_set.h"

#include <gmock/gmock.h>

namespace dmd {
namespace {

using testing::ElementsAre;
using enum Modality;

TEST(ModalitySet, IsWalkedInOneOrder) {
  ModalitySet set;
  for (const Modality m : {audio, language, audio}) set.add(m);
  EXPECT_THAT(std::vector(set.begin(), set.end()), ElementsAre(language, audio));
  EXPECT_EQ(name_of(set), "text,audio");
  EXPECT_TRUE(set.contains(audio));
  EXPECT_FALSE(set.contains(vision));
}

TEST(ModalitySet, KnowsItsEquals) {
  EXPECT_EQ(name_of(ModalitySet::all()), "text,audio,vision");
  ModalitySet set;
  set.add(vision);
  set.add(language);
  EXPECT_EQ(set, ModalitySet::all().without(audio));
  EXPECT_FALSE(set == ModalitySet::all());
  EXPECT_TRUE(set.without(vision).without(language).empty());
  EXPECT_EQ(set.without(audio), set);
}

}  // namespace
}  // namespace dmd
