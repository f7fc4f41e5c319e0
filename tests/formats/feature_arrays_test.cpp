// Feature files of other programs than MMSA: how they keep their numbers, and bad ones among them.
#include <limits>

#include <gmock/gmock.h>

#include "dmd/data/convert.h"
#include "tests/formats/feature_reading.h"
#include "tests/formats/torch_writer.h"

namespace formats {
namespace {

using dmd::Dataset;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

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

// ---- Values ----

TEST(FeatureValues, AreCountedAndTheFirstAreNamed) {
  FeatureFile file = with("audio", floats({2, 2, 1}, {kNaN, kInfinity, 1e20f, 4}));
  file.splits["test"]["vision"] = floats({2, 1, 2}, {1, -kInfinity, 3, 4});
  EXPECT_THAT(
      refusal(file),
      HasSubstr("1 value in vision of test (1 sample) cannot be computed with; first of all, in "
                "train, audio of sample 'video$_$1' at step 0, feature 0 is not a number (NaN); in "
                "train, audio of sample 'video$_$1' at step 1, feature 0 is infinite; in train, "
                "audio of sample 'video$_$2' at step 0, feature 0 is 1.0000000200408773e+20, and "
                "1e+15 is the most that can be computed with: mend or leave out these samples, or "
                "put zeros there"));
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
