// The labels of every task, in all the forms that files have them.
#include <cmath>

#include <gmock/gmock.h>

#include "dmd/data/convert.h"
#include "dmd/data/feature_file.h"
#include "tests/formats/feature_writer.h"
#include "tests/formats/test_files.h"

namespace formats {
namespace {

using dmd::Dataset;
using dmd::FeatureOptions;
using dmd::read_feature_file;
using dmd::Task;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr FeatureOptions kClasses{.task = Task::classification};
constexpr FeatureOptions kEmotions{.task = Task::emotion};

FeatureFile with(const std::string& field, const Write& write) {
  FeatureFile file;
  for (auto& [name, fields] : file.splits) fields[field] = write;
  return file;
}

Dataset read(const FeatureFile& file, const FeatureOptions& options) {
  const TemporaryFolder folder;
  write_contents(folder / "mine.pkl", file.bytes());
  return read_feature_file(folder / "mine.pkl", options);
}

std::string refusal(const FeatureFile& file, const FeatureOptions& options) {
  return error_of([&] { read(file, options); });
}

Write list(const std::function<void(PickleWriter&)>& items) {
  return [=](PickleWriter& writer) {
    writer.mark();
    items(writer);
    writer.list();
  };
}

// ---- Classes ----

TEST(Classes, MayBeNamesOrWholeNumbersOfAnyType) {
  const auto classes_of = [](const Write& write) {
    return read(with("classification_labels", write), kClasses).train.classes;
  };
  EXPECT_THAT(classes_of(strings({"happy", "sad"})), ElementsAre("happy", "sad"));
  EXPECT_THAT(classes_of(floats({2}, {0, 2})), ElementsAre("0", "2"));
  EXPECT_THAT(classes_of(floats({2, 1, 1}, {-1, 2})), ElementsAre("-1", "2"));
  EXPECT_THAT(classes_of([](PickleWriter& w) {
                w.array<std::int64_t>("i8", {2}, {1, 0});
              }),
              ElementsAre("1", "0"));
  EXPECT_THAT(classes_of(list([](PickleWriter& w) { w.number(3).number(4.0); })),
              ElementsAre("3", "4"));
  EXPECT_THAT(classes_of(list([](PickleWriter& w) { w.boolean(true).bytes("no"); })),
              ElementsAre("True", "no"));
  EXPECT_THAT(
      classes_of(list([](PickleWriter& w) { w.mark().text("a").list().mark().text("b").list(); })),
      ElementsAre("a", "b"));
}

// MulT's and MultiBench's files keep every kind of label under one name.
TEST(Classes, MayStandInLabels) {
  EXPECT_THAT(read(with("labels", floats({2, 1}, {0, 1})), kClasses).test.classes,
              ElementsAre("0", "1"));
}

TEST(Classes, AreNoSentimentAndNoVectors) {
  const auto refusal_of = [](const Write& write) {
    return refusal(with("classification_labels", write), kClasses);
  };
  EXPECT_THAT(refusal_of(floats({2}, {0.5f, 1})),
              HasSubstr("classification_labels holds 0.5, and one class a sample, a name or a "
                        "whole number, is expected"));
  EXPECT_THAT(refusal_of(floats({2, 3}, {1, 0, 0, 0, 1, 0})),
              HasSubstr("an array f32 (2, 3), and one class a sample"));
  EXPECT_THAT(refusal_of(floats({3}, {0, 1, 2})),
              HasSubstr("there are 3 samples in classification_labels and 2 in id"));
  EXPECT_THAT(refusal_of(list([](PickleWriter& w) { w.number(0.5).number(1); })),
              HasSubstr("the name of a class or a whole number is expected"));
  EXPECT_THAT(
      refusal_of(list([](PickleWriter& w) { w.mark().mark().text("a").list().list().text("b"); })),
      HasSubstr("the name of a class or a whole number is expected"));
  // A list that holds itself has no end.
  EXPECT_THAT(
      refusal_of([](PickleWriter& w) { w.raw("]").put(9).get(9).raw("a").get(9).raw("a"); }),
      HasSubstr("the name of a class or a whole number is expected"));
}

TEST(Classes, ThatAreMissingAreNamed) {
  EXPECT_THAT(refusal(FeatureFile(), kClasses),
              HasSubstr("its split train has no 'classification_labels': there are 'audio', 'id', "
                        "'raw_text', 'regression_labels', 'text', 'vision'"));
  const FeatureFile gap =
      with("classification_labels", list([](PickleWriter& w) { w.text("a").none(); }));
  EXPECT_THAT(refusal(gap, kClasses),
              HasSubstr("in train, classification_labels of sample 'video$_$2' is missing"));
  FeatureOptions lenient = kClasses;
  lenient.need_labels = false;
  EXPECT_THAT(read(gap, lenient).train.classes, ElementsAre("a", ""));
  EXPECT_EQ(read(FeatureFile(), lenient).train.size(), 2);
}

// ---- Emotions ----

const std::vector<float> kTwoSamples{0, 1, 1, 0, 1, 0, 0, 1, 1, 0, 1, 0, 0, 1, 1, 0};

TEST(Emotions, AreWhatTheLargerOfTwoNumbersSays) {
  const Dataset data = read(with("labels", floats({2, 4, 2}, kTwoSamples)), kEmotions);
  EXPECT_EQ(data.train.label_width, 4);
  EXPECT_EQ(data.train.size(), 2);
  EXPECT_THAT(data.train.labels, ElementsAre(1, 0, 0, 1, 0, 0, 1, 0));
}

TEST(Emotions, AreFourPairs) {
  EXPECT_THAT(refusal(with("labels", floats({2, 1, 1}, {1, 2})), kEmotions),
              HasSubstr("in train, labels is f32 (2, 1, 1), and (samples, 4, 2) is expected: no "
                        "and yes for neutral, happy, sad, angry"));
  EXPECT_THAT(refusal(with("labels", floats({2, 4}, {1, 0, 0, 0, 0, 1, 0, 0})), kEmotions),
              HasSubstr("(samples, 4, 2) is expected"));
  EXPECT_THAT(refusal(FeatureFile(), kEmotions),
              HasSubstr("its split train has no 'labels': there are 'audio', 'id'"));
  std::vector<float> undecided = kTwoSamples;
  undecided[10] = undecided[11] = 1;
  EXPECT_THAT(refusal(with("labels", floats({2, 4, 2}, undecided)), kEmotions),
              HasSubstr("in train, labels of sample 'video$_$2' says neither no nor yes to happy: "
                        "it is (1, 1)"));
}

// ---- Conversion ----

TEST(Labels, SurviveConversion) {
  const TemporaryFolder folder;
  FeatureFile file = with("classification_labels", strings({"happy, \"very\"", "sad"}));
  write_contents(folder / "x.pkl", file.bytes());
  dmd::convert(folder / "x.pkl", folder / "x.safetensors");
  EXPECT_THAT(read_feature_file(folder / "x.safetensors", kClasses).valid.classes,
              ElementsAre("happy, \"very\"", "sad"));
  EXPECT_THAT(read_feature_file(folder / "x.safetensors").valid.labels, ElementsAre(-1.5f, 3));
  EXPECT_THAT(error_of([&] { read_feature_file(folder / "x.safetensors", kEmotions); }),
              AllOf(HasSubstr("it has no tensor train.labels"), HasSubstr("train.text")));
}

// As before there were classes: what a conversion is not asked for does not stop it.
TEST(Labels, OfClassesThatCannotBeReadAreLeftOutOfAConversion) {
  const TemporaryFolder folder;
  for (const Write& write : {floats({2}, {0.5f, 1}), floats({3}, {0, 1, 2}),
                             Write([](PickleWriter& w) { w.number(1); })}) {
    write_contents(folder / "x.pkl", with("classification_labels", write).bytes());
    const dmd::Conversion done = dmd::convert(folder / "x.pkl", folder / "x.safetensors");
    EXPECT_THAT(done.notes,
                testing::Contains(HasSubstr("classification_labels of train is left out: ")));
    EXPECT_THAT(read_feature_file(folder / "x.safetensors").train.labels, ElementsAre(-1.5f, 3));
  }
}

TEST(Labels, OfEmotionsSurviveConversion) {
  const TemporaryFolder folder;
  FeatureFile file = with("labels", floats({2, 4, 2}, kTwoSamples));
  for (auto& [name, fields] : file.splits) fields.erase("regression_labels");
  write_contents(folder / "x.pkl", file.bytes());
  dmd::convert(folder / "x.pkl", folder / "x.safetensors");
  EXPECT_EQ(read_feature_file(folder / "x.safetensors", kEmotions).test.labels,
            read_feature_file(folder / "x.pkl", kEmotions).test.labels);
  EXPECT_THAT(error_of([&] { read_feature_file(folder / "x.safetensors", kClasses); }),
              HasSubstr("its metadata has no train.classification_labels: there are format, "));
}

}  // namespace
}  // namespace formats
