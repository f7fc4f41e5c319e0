// Feature files of other programs than MMSA: kinds of transcripts, ids and labels.
#include <limits>

#include <gmock/gmock.h>

#include "tests/formats/feature_reading.h"

namespace formats {
namespace {

using dmd::Dataset;
using dmd::read_feature_file;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;

// ---- Fields that nobody reads ----

TEST(FeatureKinds, FieldsThatNobodyReadsMayHoldAnything) {
  FeatureFile file;
  Fields& train = file.splits["train"];
  train["frame"] = object("pandas.core.frame", "DataFrame");
  train["when"] = object("datetime", "datetime");
  train["where"] = object("pathlib", "PosixPath");
  train["labels_seen"] = [](PickleWriter& w) { w.raw("\x8f").mark().number(1).raw("\x90"); };
  train["spectrum"] = [](PickleWriter& w) { w.array<double>("c16", {1}, {1, 2}); };
  train["dates"] = [](PickleWriter& w) { w.array<std::int64_t>("M8", {1}, {1}); };
  EXPECT_EQ(read(file).train.size(), 2);
}

TEST(FeatureKinds, FieldsThatAreNeededSayWhatTheyAre) {
  EXPECT_THAT(
      refusal(with("regression_labels", object("pandas", "Series"))),
      EndsWith("in train, regression_labels holds an object made by pandas.Series, and one "
               "number per sample is expected: save it as a NumPy array, with .to_numpy()"));
  EXPECT_THAT(refusal(with("audio", object("numpy.ma.core", "_mareconstruct"))),
              EndsWith("save it as a plain array, with .filled(0)"));
  EXPECT_THAT(refusal(with("audio",
                           [](PickleWriter& w) {
                             w.array<double>("f16", {2, 2, 1}, std::vector<double>(8));
                           })),
              EndsWith("in train, audio holds an array of the dtype float128, and an array of "
                       "numbers is expected: save it with .astype('float32')"));
}

// ---- Transcripts ----

TEST(FeatureKinds, TranscriptsMayBeMissing) {
  const Dataset data = read(with("raw_text", [](PickleWriter& w) {
    w.mark().number(std::numeric_limits<double>::quiet_NaN()).none().list();
  }));
  EXPECT_THAT(data.train.raw_text, ElementsAre("", ""));
  EXPECT_THAT(data.notes, ElementsAre("raw_text of train holds no text for 2 of 2 utterances"));
  const Dataset other = read(with("raw_text", object("pandas", "Series")));
  EXPECT_THAT(other.train.raw_text, ElementsAre("", ""));
  EXPECT_THAT(other.notes, ElementsAre("raw_text of train is left out: it is an object made by "
                                       "pandas.Series"));
}

TEST(FeatureKinds, TranscriptsMayBeInAnyCodePage) {
  const Dataset data = read(with("raw_text", [](PickleWriter& w) {
    w.mark().bytes("caf\xe9").text("a\xed\xb2\x96z").list();
  }));
  EXPECT_THAT(data.train.raw_text, ElementsAre("caf\uFFFD", "a\uFFFDz"));
  EXPECT_THAT(data.notes, ElementsAre("raw_text of train holds 2 texts that are not UTF-8: what "
                                      "cannot be read is shown as \uFFFD"));
  const TemporaryFolder folder;  // and they can be written
  dmd::write_feature_file(data, folder / "x.safetensors");
  EXPECT_EQ(read_feature_file(folder / "x.safetensors").train.raw_text, data.train.raw_text);
}

TEST(FeatureKinds, TranscriptsMayBeColumnsAndWords) {
  FeatureFile file = with("raw_text", [](PickleWriter& w) {
    w.begin_array("S3", {2, 1}).bytes("onetwo").end_array();
  });
  file.splits["valid"]["raw_text"] = [](PickleWriter& w) {
    w.mark().mark().text("a").text("b").list().text("c").list();
  };
  file.splits["test"]["raw_text"] = [](PickleWriter& w) { w.mark().number(7).text("c").list(); };
  const Dataset data = read(file);
  EXPECT_THAT(data.train.raw_text, ElementsAre("one", "two"));
  EXPECT_THAT(data.valid.raw_text, ElementsAre("a b", "c"));
  EXPECT_THAT(data.test.raw_text, ElementsAre("7", "c"));
}

TEST(FeatureKinds, StringsOfNewNumPyAreRead) {
  const Dataset data = read(with("raw_text", [](PickleWriter& w) {
    w.global("numpy.core.multiarray", "_reconstruct").mark();
    w.global("numpy", "ndarray").shape({0}).bytes("b").tuple().call();
    w.mark().number(1).shape({2}).global("numpy.dtypes", "StringDType").mark().tuple().call();
    w.boolean(false).mark().text("one").text("two").list().tuple().build();
  }));
  EXPECT_THAT(data.train.raw_text, ElementsAre("one", "two"));
}

// ---- Ids ----

std::vector<std::string> ids(Write write) { return read(with("id", std::move(write))).train.ids; }

TEST(FeatureKinds, IdsMayBeAnyScalar) {
  EXPECT_THAT(ids([](PickleWriter& w) {
                w.array<std::int64_t>("i8", {2}, {7, -8});
              }),
              ElementsAre("7", "-8"));
  EXPECT_THAT(ids(floats({2, 1}, {0.1f, 2})), ElementsAre("0.1", "2"));
  EXPECT_THAT(ids([](PickleWriter& w) { w.mark().boolean(true).number(1.5).list(); }),
              ElementsAre("True", "1.5"));
  EXPECT_THAT(ids([](PickleWriter& w) { w.mark().bytes("\xff").text("b").list(); }),
              ElementsAre("\uFFFD", "b"));
}

TEST(FeatureKinds, IdsMayHaveParts) {
  EXPECT_THAT(
      ids([](PickleWriter& w) {
        w.mark().mark().text("v").number(1).tuple().mark().text("v").number(2).list().list();
      }),
      ElementsAre("v_1", "v_2"));
  EXPECT_THAT(ids([](PickleWriter& w) {
                w.begin_array("S1", {2, 3}).bytes("abcdef").end_array();
              }),
              ElementsAre("a_b_c", "d_e_f"));
  EXPECT_THAT(ids([](PickleWriter& w) {
                w.array<std::int32_t>("i4", {2, 2}, {1, 2, 3, 4});
              }),
              ElementsAre("1_2", "3_4"));
  EXPECT_THAT(ids([](PickleWriter& w) {
                w.mark().array<std::int32_t>("i4", {2}, {1, 2}).array<double>("f8", {}, {3}).list();
              }),
              ElementsAre("1_2", "3"));
}

TEST(FeatureKinds, IdsMayRepeatAndBeAbsent) {
  EXPECT_THAT(ids(strings({"a", "a"})), ElementsAre("a", "a"));
  FeatureFile file;
  file.splits["train"].erase("id");
  const Dataset data = read(file);
  EXPECT_THAT(data.train.ids, ElementsAre("train-0", "train-1"));
  EXPECT_THAT(data.notes, ElementsAre("train has no 'id': its utterances are called train-0, "
                                      "train-1 and so on"));
}

// ---- Labels and MulT's layout ----

TEST(FeatureKinds, MulTsLayoutIsRead) {
  FeatureFile file;
  for (auto& [name, fields] : file.splits) {
    fields.erase("regression_labels");
    fields.erase("raw_text");
    fields["labels"] = floats({2, 1, 1}, {1, -2});
    fields["id"] = [](PickleWriter& w) { w.begin_array("S1", {2, 3}).bytes("v01v12").end_array(); };
  }
  const Dataset data = read(file);
  EXPECT_THAT(data.test.labels, ElementsAre(1, -2));
  EXPECT_THAT(data.test.ids, ElementsAre("v_0_1", "v_1_2"));
}

TEST(FeatureKinds, RegressionLabelsComeFirst) {
  EXPECT_THAT(read(with("labels", strings({"x"}))).train.labels, ElementsAre(-1.5f, 3));
}

TEST(FeatureKinds, FourEmotionsAreNoSentiment) {
  EXPECT_THAT(
      refusal(with("regression_labels", floats({2, 4, 2}, std::vector<float>(16)))),
      EndsWith(
          "in train, regression_labels holds an array f32 (2, 4, 2), as IEMOCAP's four "
          "emotions of two classes each, and one number a sample is expected: set task=emotion "
          "to learn emotions"));
}

TEST(FeatureKinds, LabelsMayBeTextsAndColumnsInLists) {
  EXPECT_THAT(read(with("regression_labels", strings({"-1.5", "2e-1"}))).train.labels,
              ElementsAre(-1.5f, 0.2f));
  EXPECT_THAT(read(with("regression_labels",
                        [](PickleWriter& w) {
                          w.mark().mark().number(1).list().mark().number(2.5).list().list();
                        }))
                  .train.labels,
              ElementsAre(1, 2.5f));
  EXPECT_THAT(refusal(with("regression_labels", strings({"1", "2 or 3"}))),
              HasSubstr("holds the string '2 or 3', and a number is expected"));
}

}  // namespace
}  // namespace formats
