// Feature files in which splits, fields or labels are missing, or named otherwise.
#include <limits>

#include <gmock/gmock.h>

#include "tests/formats/feature_reading.h"

namespace formats {
namespace {

using dmd::Dataset;
using dmd::FeatureOptions;
using dmd::read_feature_file;
using testing::Each;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsNan;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

// ---- Splits and labels that are missing ----

TEST(FeatureKinds, ValidHasOtherNames) {
  for (const char* name : {"val", "dev", "validation"}) {
    FeatureFile file;
    file.splits["valid"]["regression_labels"] = floats({2}, {0.5f, 1});
    file.splits[name] = file.splits["valid"];
    file.splits.erase("valid");
    EXPECT_THAT(read(file).valid.labels, ElementsAre(0.5f, 1)) << name;
  }
}

TEST(FeatureKinds, LabelsMayBeMissingWhereTheyAreNotNeeded) {
  FeatureFile file;
  file.splits["test"].erase("regression_labels");
  file.splits["valid"]["regression_labels"] = floats({2}, {kNaN, 1});
  const Dataset data = read(file, {.need_labels = false});
  EXPECT_EQ(data.test.size(), 2);
  EXPECT_THAT(data.test.labels, Each(IsNan()));
  EXPECT_THAT(data.valid.labels, ElementsAre(IsNan(), 1));
  EXPECT_THAT(refusal(file), HasSubstr("its split test has no 'regression_labels'"));
  file.splits["valid"]["regression_labels"] = floats({2}, {kInfinity, 1});
  EXPECT_THAT(refusal(file, {.need_labels = false}), HasSubstr("is inf"));
}

TEST(FeatureKinds, SplitsMayBeMissingWhereTheyAreNotNeeded) {
  FeatureFile file;
  file.splits.erase("train");
  file.splits.erase("valid");
  const Dataset data = read(file, {.need_all_splits = false});
  EXPECT_EQ(data.test.size(), 2);
  EXPECT_EQ(data.train.size(), 0);
  EXPECT_THAT(refusal(file), HasSubstr("it has no split 'train'"));
  file.splits.clear();
  EXPECT_THAT(refusal(file, kAnything),
              EndsWith("it has none of the splits train, valid and test: there are nothing"));
}

TEST(FeatureKinds, MissingPartsStayMissingInSafetensors) {
  FeatureFile file;
  file.splits.erase("train");
  file.splits["test"].erase("regression_labels");
  const TemporaryFolder folder;
  dmd::write_feature_file(read(file, kAnything), folder / "x.safetensors");
  const Dataset data = read_feature_file(folder / "x.safetensors", kAnything);
  EXPECT_EQ(data.train.size(), 0);
  EXPECT_THAT(data.valid.labels, ElementsAre(-1.5f, 3));
  EXPECT_THAT(data.test.labels, ElementsAre(IsNan(), IsNan()));
  const auto refuses = [&](const FeatureOptions& options) {
    return error_of([&] { read_feature_file(folder / "x.safetensors", options); });
  };
  EXPECT_THAT(refuses({}), HasSubstr("it has no tensor train.text, train.audio or train.vision"));
  EXPECT_THAT(refuses({.need_all_splits = false}),
              HasSubstr("it has no tensor test.regression_labels"));
}

TEST(FeatureKinds, FieldsMayStandWithoutASplit) {
  const std::string file = bare(good_fields());
  const Dataset data = read_bytes(file, kAnything);
  EXPECT_EQ(data.train.size(), 0);
  EXPECT_THAT(data.test.ids, ElementsAre("video$_$1", "video$_$2"));
  EXPECT_THAT(data.test.labels, ElementsAre(-1.5f, 3));
  EXPECT_THAT(error_of([&] { read_bytes(file); }), HasSubstr("it has no split 'train'"));
}

// What MMSA-FET writes of one video.
TEST(FeatureKinds, ASingleClipIsOneUtterance) {
  const Fields clip{{"text", floats({3, 2}, std::vector<float>(6, 1))},
                    {"audio", floats({2, 1}, {1, 2})},
                    {"vision", floats({1, 2}, {1, 2})},
                    {"text_bert", floats({3, 4}, std::vector<float>(12, 1))}};
  const Dataset data = read_bytes(bare(clip), kAnything);
  EXPECT_EQ(data.test.size(), 1);
  EXPECT_EQ(data.test.text.steps, 3);
  EXPECT_EQ(data.test.audio.width, 1);
  EXPECT_EQ(data.test.bert.tokens, 4);
  EXPECT_THAT(data.test.ids, ElementsAre("test-0"));
  EXPECT_THAT(data.test.labels, ElementsAre(IsNan()));
}

}  // namespace
}  // namespace formats
