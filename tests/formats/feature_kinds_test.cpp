// Feature files of other programs than MMSA: kinds of fields, names, what is missing, bad values.
#include <limits>

#include <gmock/gmock.h>

#include "dmd/data/convert.h"
#include "dmd/data/feature_file.h"
#include "tests/formats/feature_writer.h"
#include "tests/formats/test_files.h"
#include "tests/formats/torch_writer.h"

namespace formats {
namespace {

using dmd::Dataset;
using dmd::FeatureOptions;
using dmd::read_feature_file;
using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::IsNan;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr FeatureOptions kAnything{.need_labels = false, .need_all_splits = false};

Dataset read_bytes(const std::string& bytes, const FeatureOptions& options = {}) {
  const TemporaryFolder folder;
  write_contents(folder / "mosi.pkl", bytes);
  return read_feature_file(folder / "mosi.pkl", options);
}

Dataset read(const FeatureFile& file, const FeatureOptions& options = {}) {
  return read_bytes(file.bytes(), options);
}

std::string refusal(const FeatureFile& file, const FeatureOptions& options = {}) {
  return error_of([&] { read(file, options); });
}

FeatureFile with(const std::string& field, Write write) {
  FeatureFile file;
  file.splits["train"][field] = std::move(write);
  return file;
}

// An object of a class, with a state.
Write object(std::string_view module, std::string_view name) {
  return [=](PickleWriter& w) {
    w.global(module, name).mark().tuple().raw("\x81").mark().dict().build();
  };
}

// A dict of fields where the splits should be.
std::string bare(const Fields& fields) {
  PickleWriter writer;
  writer.mark();
  for (const auto& [field, write] : fields) write(writer.text(field));
  return writer.dict().finish();
}

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
  EXPECT_THAT(refusal(with("regression_labels", object("pandas", "Series"))),
              EndsWith("in train, regression_labels holds an object made by pandas.Series, and one "
                       "number a sample is expected: save it as a NumPy array, with .to_numpy()"));
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

// ---- Features ----

TEST(FeatureKinds, ListsOfEqualShapesAreStacked) {
  const Dataset arrays = read(with("audio", [](PickleWriter& w) {
    w.mark().array<float>("f4", {2, 1}, {1, 2}).array<double>("f8", {2, 1}, {3, 4}).list();
  }));
  EXPECT_THAT(arrays.train.audio.values, ElementsAre(1, 2, 3, 4));
  const Dataset numbers = read(with("audio", [](PickleWriter& w) {
    const auto sample = [&](double a, double b) {
      w.mark().mark().number(a).list().mark().number(b).list().list();
    };
    w.mark();
    sample(1, 2);
    sample(3, 4);
    w.list();
  }));
  EXPECT_THAT(numbers.train.audio.values, ElementsAre(1, 2, 3, 4));
}

TEST(FeatureKinds, ListsOfOtherShapesAreRefused) {
  const auto padded = EndsWith("all sequences padded to one length, are expected");
  EXPECT_THAT(refusal(with("audio",
                           [](PickleWriter& w) {
                             w.mark().array<float>("f4", {2, 1}, {1, 2});
                             w.array<float>("f4", {1, 1}, {3}).list();
                           })),
              padded);
  EXPECT_THAT(
      refusal(with("audio", [](PickleWriter& w) { w.mark().mark().list().number(1).list(); })),
      HasSubstr("in train, audio holds"));
  EXPECT_THAT(refusal(with("audio",
                           [](PickleWriter& w) {  // a list within itself
                             w.raw("]").put(9).get(9).raw("a").get(9).raw("0");
                           })),
              HasSubstr("in train, audio holds"));
}

// Lists of one list many times over: 10^18 numbers, from a few kilobytes.
TEST(FeatureKinds, StacksAreBounded) {
  EXPECT_THAT(refusal(with("audio",
                           [](PickleWriter& w) {
                             w.number(1);
                             for (int level = 0; level < 3; ++level) {
                               w.put(9).raw("0").mark();
                               for (int i = 0; i < 1000; ++i) w.get(9);
                               w.list();
                             }
                           })),
              HasSubstr("far more memory than a file of its size should need"));
}

TEST(FeatureKinds, IdsOfManySamplesWithoutNumbersAreNotMade) {
  FeatureFile file = with("text", floats({1LL << 50, 0, 1}, {}));
  file.splits["train"].erase("id");
  EXPECT_THAT(refusal(file), EndsWith("its split train is empty"));
}

// ---- PyTorch ----

TEST(FeatureKinds, TensorsInPicklesAreRead) {
  const Dataset data = read(with("audio", [](PickleWriter& w) {
    add_inline_tensor(w, {1, 2, 3, 4}, {2, 2, 1}, {1, 2, 1});
  }));
  EXPECT_THAT(data.train.audio.values, ElementsAre(1, 3, 2, 4));
}

TEST(FeatureKinds, FeaturesOfTorchSaveAreRead) {
  PickleWriter pickle(2);
  pickle.mark();
  for (const auto& [name, fields] : FeatureFile().splits) {
    pickle.text(name).mark();
    for (const auto& [field, write] : fields) {
      if (field == "audio") continue;
      write(pickle.text(field));
    }
    add_tensor(pickle.text("audio"), {.storage_size = 4, .shape = {2, 2, 1}, .strides = {2, 1, 1}});
    pickle.dict();
  }
  pickle.dict();
  const std::vector<std::string> storages{raw_bytes<float>({5, 6, 7, 8})};
  const TemporaryFolder folder;
  for (const std::string& file :
       {make_checkpoint(pickle, storages), make_legacy(pickle, storages)}) {
    EXPECT_THAT(read_bytes(file).test.audio.values, ElementsAre(5, 6, 7, 8));
    write_contents(folder / "features.pt", file);
    const auto done = dmd::convert(folder / "features.pt", folder / "x.safetensors");
    EXPECT_EQ(done.kind, dmd::Conversion::Kind::features);
    EXPECT_EQ(done.items, 6);
  }
}

// joblib writes an array's numbers behind what describes it, outside of all opcodes.
Write joblib_array(std::vector<std::int64_t> shape, std::vector<float> values, bool aligned) {
  return [=](PickleWriter& w) {
    w.global("joblib.numpy_pickle", "NumpyArrayWrapper").mark().tuple().raw("\x81");
    w.mark().text("subclass").global("numpy", "ndarray").text("shape").shape(shape);
    w.text("order").text("C").text("dtype").dtype("f4").text("allow_mmap").boolean(true);
    if (aligned) w.text("numpy_array_alignment_bytes").number(16);
    w.dict().build();
    if (aligned) w.raw("\x03\xff\xff\xff");
    w.raw(raw_bytes(values));
  };
}

TEST(FeatureKinds, PlainDumpsOfJoblibAreRead) {
  for (const bool aligned : {false, true}) {
    const Dataset data = read(with("audio", joblib_array({2, 2, 1}, {1, 2, 3, 4}, aligned)));
    EXPECT_THAT(data.train.audio.values, ElementsAre(1, 2, 3, 4));
  }
  EXPECT_THAT(refusal(with("audio", joblib_array({1LL << 50}, {1}, true))),
              HasSubstr("it is cut short"));
  EXPECT_THAT(refusal(with("audio", joblib_array({-1}, {1}, true))),
              HasSubstr("has a negative extent"));
  EXPECT_THAT(refusal(with("audio",
                           [](PickleWriter& w) {
                             w.global("joblib.numpy_pickle", "NumpyArrayWrapper").mark().tuple();
                             w.raw("\x81").mark().text("shape").shape({1}).text("dtype");
                             w.dtype("O8", '|').dict().build();
                           })),
              EndsWith("load it with joblib.load and save it with pickle.dump(data, file, "
                       "protocol=4)"));
}

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
  EXPECT_THAT(refuses({}), HasSubstr("its metadata has no train.id"));
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

// ---- Values ----

TEST(FeatureValues, AreCountedAndTheFirstAreNamed) {
  FeatureFile file = with("audio", floats({2, 2, 1}, {kNaN, kInfinity, 1e20f, 4}));
  file.splits["test"]["vision"] = floats({2, 1, 2}, {1, -kInfinity, 3, 4});
  EXPECT_THAT(
      refusal(file),
      EndsWith("1 value in vision of test (1 sample) cannot be computed with; first of all, in "
               "train, audio of sample 'video$_$1' at step 0, feature 0 is not a number (NaN); in "
               "train, audio of sample 'video$_$1' at step 1, feature 0 is infinite; in train, "
               "audio of sample 'video$_$2' at step 0, feature 0 is 1.0000000200408773e+20, and "
               "1e+15 is the most that can be computed with: mend or leave out these samples"));
  EXPECT_THAT(refusal(file), HasSubstr("3 values in audio of train (2 samples), 1 value in"));
}

Write doubles(std::vector<double> values) {
  return [=](PickleWriter& w) { w.array<double>("f8", {2, 2, 1}, values); };
}

TEST(FeatureValues, WhatDoesNotFit32BitsIsNotInfinite) {
  EXPECT_THAT(refusal(with("audio", doubles({1, 1e39, 3, 4}))),
              HasSubstr("is 1e+39, which does not fit 32 bits"));
  EXPECT_THAT(refusal(with("audio", doubles({1, -1e39, 3, 4}))),
              HasSubstr("is -1e+39, which does not fit 32 bits"));
  const Dataset silence = read(with("audio", doubles({1, -INFINITY, 3, 4})));
  EXPECT_THAT(silence.train.audio.values, ElementsAre(1, 0, 3, 4));
  EXPECT_THAT(silence.notes, IsEmpty());
}

TEST(FeatureValues, MayBecomeZero) {
  FeatureFile file = with("audio", floats({2, 2, 1}, {kNaN, 2, kInfinity, -1e30f}));
  const Dataset data = read(file, {.nonfinite = dmd::Nonfinite::zero});
  EXPECT_THAT(data.train.audio.values, ElementsAre(0, 2, 0, 0));
  EXPECT_THAT(data.notes, ElementsAre("zeros replace 3 values in audio of train (2 samples)"));
}

}  // namespace
}  // namespace formats
