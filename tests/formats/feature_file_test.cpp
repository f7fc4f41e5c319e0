#include "dmd/data/feature_file.h"

#include <limits>

#include <gmock/gmock.h>

#include "dmd/data/convert.h"
#include "engine/io/safetensors.h"
#include "tests/formats/feature_writer.h"
#include "tests/formats/test_files.h"
#include "tests/formats/torch_writer.h"

namespace formats {
namespace {

using dmd::Dataset;
using dmd::read_feature_file;
using testing::Each;
using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

Dataset read(const FeatureFile& file) {
  const TemporaryFolder folder;
  write_contents(folder / "mosi.pkl", file.bytes());
  return read_feature_file(folder / "mosi.pkl");
}

// The sentence after "mosi.pkl is not a feature file that can be read: ".
std::string refusal(const FeatureFile& file) {
  const std::string message = error_of([&] { read(file); });
  constexpr std::string_view kPrefix = "mosi.pkl is not a feature file that can be read: ";
  const std::size_t at = message.find(kPrefix);
  EXPECT_NE(at, std::string::npos) << message;
  return at == std::string::npos ? message : message.substr(at + kPrefix.size());
}

// The same with one field of one split replaced.
std::string refusal_of(const std::string& split, const std::string& field, Write write) {
  FeatureFile file;
  file.splits[split][field] = std::move(write);
  return refusal(file);
}

std::string refusal_without(const std::string& split, const std::string& field) {
  FeatureFile file;
  file.splits[split].erase(field);
  return refusal(file);
}

class PythonFeatures : public testing::TestWithParam<std::tuple<int, int>> {};

TEST_P(PythonFeatures, AreReadWhole) {
  const auto [numpy, protocol] = GetParam();
  const auto path = data_file(fmt::format("features_numpy{}_protocol{}.pkl", numpy, protocol));
  const Dataset data = read_feature_file(path);
  EXPECT_EQ(data.source, path.string());
  const dmd::Split& train = data.train;
  EXPECT_EQ(train.size(), 3);
  EXPECT_EQ(data.valid.size(), 2);
  EXPECT_EQ(data.test.size(), 2);
  EXPECT_THAT(train.ids, ElementsAre("train$_$0", "train$_$1", "train$_$2"));
  EXPECT_THAT(train.raw_text, ElementsAre("text 0", "text 1", "text 2"));
  EXPECT_THAT(train.labels, ElementsAre(-3, 0, 3));

  EXPECT_EQ(train.text.n, 3);
  EXPECT_EQ(train.text.steps, 4);
  EXPECT_EQ(train.text.width, 2);
  EXPECT_EQ(train.text.values.at(5), 5 / 4.0f);
  EXPECT_EQ(train.audio.steps, 3);
  EXPECT_EQ(train.audio.width, 1);
  EXPECT_EQ(train.audio.values.at(8), 102.0f);  // float64 in the file
  EXPECT_EQ(train.vision.steps, 2);
  EXPECT_EQ(train.vision.width, 3);
  EXPECT_EQ(train.vision.values.at(7), 7 / 4.0f - 100);  // in Fortran order in the file
  EXPECT_EQ(train.bert.tokens, 5);
  EXPECT_THAT(train.bert.ids, ElementsAre(0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2));
  EXPECT_EQ(train.bert.mask, train.bert.ids);
}

INSTANTIATE_TEST_SUITE_P(Versions, PythonFeatures,
                         testing::Combine(testing::Values(1, 2), testing::Range(2, 6)));

TEST(FeatureFile, FieldsThatAreNotNeededMayBeAbsent) {
  FeatureFile file;
  for (auto& [name, fields] : file.splits) fields.erase("raw_text");
  const Dataset data = read(file);
  EXPECT_THAT(data.test.raw_text, ElementsAre("", ""));
  EXPECT_EQ(data.test.bert.n, 0);
}

TEST(FeatureFile, LabelsMayBeListsAndColumns) {
  FeatureFile file;
  file.splits["train"]["regression_labels"] = floats({2, 1}, {1, 2});
  file.splits["valid"]["regression_labels"] = [](PickleWriter& writer) {
    writer.mark().number(1.25).number(-2).list();
  };
  file.splits["test"]["regression_labels"] = [](PickleWriter& writer) {
    writer.mark().array<double>("f8", {1}, {0.5}).array<float>("f4", {}, {3}).list();
  };
  const Dataset data = read(file);
  EXPECT_THAT(data.train.labels, ElementsAre(1, 2));
  EXPECT_THAT(data.valid.labels, ElementsAre(1.25f, -2));
  EXPECT_THAT(data.test.labels, ElementsAre(0.5f, 3));
}

TEST(FeatureFile, IdsMayBeArraysAndNumbers) {
  FeatureFile file;
  file.splits["train"]["id"] = [](PickleWriter& writer) {
    writer.begin_array("U1", {2}).bytes(std::string_view("a\0\0\0b\0\0\0", 8)).end_array();
  };
  file.splits["valid"]["id"] = [](PickleWriter& writer) {
    writer.mark().number(7).number(8).list();
  };
  const Dataset data = read(file);
  EXPECT_THAT(data.train.ids, ElementsAre("a", "b"));
  EXPECT_THAT(data.valid.ids, ElementsAre("7", "8"));
}

TEST(FeatureFile, FeaturesMayBeOfAnyNumericType) {
  FeatureFile file;
  file.splits["train"]["audio"] = [](PickleWriter& writer) {
    writer.array<std::uint16_t>("f2", {2, 2, 1}, {0x3c00, 0x4000, 0xc000, 0});
  };
  file.splits["valid"]["audio"] = [](PickleWriter& writer) {
    writer.array<std::int16_t>("i2", {2, 2, 1}, {0x0100, 0x0200, 0, -1}, '>');
  };
  file.splits["test"]["audio"] = [](PickleWriter& writer) {
    writer.array<double>("f8", {2, 2, 1}, {1, 2, 3, 4}, '<', /*fortran=*/true);
  };
  const Dataset data = read(file);
  EXPECT_THAT(data.train.audio.values, ElementsAre(1, 2, -2, 0));
  EXPECT_THAT(data.valid.audio.values, ElementsAre(1, 2, 0, -1));
  EXPECT_THAT(data.test.audio.values, ElementsAre(1, 3, 2, 4));
}

TEST(FeatureFile, SilenceInAudioBecomesZero) {
  FeatureFile file;
  file.splits["train"]["audio"] = floats({2, 2, 1}, {1, -kInfinity, -kInfinity, 4});
  EXPECT_THAT(read(file).train.audio.values, ElementsAre(1, 0, 0, 4));
}

TEST(FeatureFile, SplitsAreFoundByName) {
  const Dataset data = read(FeatureFile());
  EXPECT_EQ(&data.split("train"), &data.train);
  EXPECT_EQ(&data.split("valid"), &data.valid);
  EXPECT_EQ(&data.split("test"), &data.test);
  EXPECT_EQ(error_of([&] { data.split("dev"); }),
            "there is no split 'dev': the splits are train, valid and test");
}

void expect_equal(const dmd::Sequence& a, const dmd::Sequence& b) {
  EXPECT_EQ(a.n, b.n);
  EXPECT_EQ(a.steps, b.steps);
  EXPECT_EQ(a.width, b.width);
  EXPECT_EQ(a.values, b.values);
}

TEST(FeatureFile, SafetensorsHoldTheSame) {
  const TemporaryFolder folder;
  const auto input = data_file("features_numpy2_protocol5.pkl");
  const dmd::Conversion done = dmd::convert(input, folder / "x.safetensors");
  EXPECT_EQ(done.kind, dmd::Conversion::Kind::features);
  EXPECT_EQ(done.items, 7);
  const Dataset before = read_feature_file(input);
  const Dataset after = read_feature_file(folder / "x.safetensors");
  for (const char* name : {"train", "valid", "test"}) {
    const dmd::Split& a = before.split(name);
    const dmd::Split& b = after.split(name);
    EXPECT_EQ(a.ids, b.ids);
    EXPECT_EQ(a.raw_text, b.raw_text);
    EXPECT_EQ(a.labels, b.labels);
    expect_equal(a.text, b.text);
    expect_equal(a.audio, b.audio);
    expect_equal(a.vision, b.vision);
    EXPECT_EQ(a.bert.ids, b.bert.ids);
    EXPECT_EQ(a.bert.mask, b.bert.mask);
    EXPECT_EQ(a.bert.segments, b.bert.segments);
  }
}

TEST(FeatureFile, TokensKeepTheirRows) {
  FeatureFile file;
  file.splits["train"]["text_bert"] = [](PickleWriter& writer) {
    writer.array<std::int64_t>("i8", {2, 3, 2}, {101, 7, 1, 1, 0, 0, 102, 8, 1, 0, 0, 1});
  };
  for (const char* name : {"valid", "test"}) {
    file.splits[name]["text_bert"] = floats({2, 3, 2}, std::vector<float>(12, 1));
  }
  Dataset data = read(file);
  const TemporaryFolder folder;
  dmd::write_feature_file(data, folder / "x.safetensors");
  for (const Dataset& each : {data, read_feature_file(folder / "x.safetensors")}) {
    EXPECT_THAT(each.train.bert.ids, ElementsAre(101, 7, 102, 8));
    EXPECT_THAT(each.train.bert.mask, ElementsAre(1, 1, 1, 0));
    EXPECT_THAT(each.train.bert.segments, ElementsAre(0, 0, 0, 1));
  }
}

TEST(FeatureFileErrors, MissingPartsAreNamedWithWhatIsThere) {
  FeatureFile file;
  file.splits.erase("valid");
  EXPECT_EQ(refusal(file), "it has no split 'valid': there are 'test', 'train'");
  EXPECT_EQ(refusal_without("test", "audio"),
            "there is audio in train, and none in test: every split needs the same fields");
  EXPECT_THAT(refusal_without("train", "regression_labels"), HasSubstr("no 'regression_labels'"));
  FeatureFile nothing;
  for (const char* field : {"text", "audio", "vision"}) nothing.splits["train"].erase(field);
  EXPECT_EQ(refusal(nothing),
            "there is text in valid, and none in train: every split needs the same fields");
  nothing.splits["train"].erase("raw_text");
  EXPECT_EQ(refusal(nothing), "its split train has no 'text': there are 'id', 'regression_labels'");
}

// Files that leave the text to an encoder: what it reads must be there.
TEST(FeatureFile, MayHaveTokensOrTranscriptsAlone) {
  const TemporaryFolder folder;
  for (const char* other : {"text_bert", "raw_text"}) {
    FeatureFile file;
    for (auto& [name, fields] : file.splits) {
      fields["text_bert"] = floats({2, 3, 2}, std::vector<float>(12, 1));
      for (const char* field : {"text", "raw_text", "text_bert", "id"})
        if (field != std::string_view(other)) fields.erase(field);
    }
    const Dataset data = read(file);
    dmd::write_feature_file(data, folder / "x.safetensors");
    for (const Dataset& each : {data, read_feature_file(folder / "x.safetensors")}) {
      EXPECT_EQ(each.test.text.steps, 0);
      EXPECT_EQ(each.test.bert.tokens, other == std::string_view("text_bert") ? 2 : 0);
      EXPECT_EQ(each.test.raw_text[1], other == std::string_view("raw_text") ? "two" : "");
      EXPECT_THAT(each.test.ids, ElementsAre("test-0", "test-1"));
    }
    for (auto& [name, fields] : file.splits)
      for (const std::string field : {other, "audio", "vision"}) fields.erase(field);
    EXPECT_THAT(refusal(file), StartsWith("its split train has no 'text': there are"));
  }
}

TEST(FeatureFileErrors, TextNeedsFeatures) {
  FeatureFile file;
  file.splits["train"].erase("text");
  EXPECT_EQ(refusal(file),
            "there is text in valid, and none in train: every split needs the same fields");
  EXPECT_EQ(refusal_of("train", "text", floats({2, 3}, std::vector<float>(6, 1))),
            "in train, text is f32 (2, 3), and (samples, steps, width) is expected: features are "
            "needed for every time step, not token ids or averages");
}

TEST(FeatureFileErrors, CountsAgree) {
  EXPECT_EQ(refusal_of("train", "audio", floats({3, 2, 1}, std::vector<float>(6, 1))),
            "in train, there are 3 samples in audio and 2 in id");
  EXPECT_THAT(refusal_of("valid", "regression_labels", floats({1}, {0})),
              HasSubstr("in valid, there are 1 samples in regression_labels and 2 in id"));
  EXPECT_THAT(refusal_of("test", "raw_text", strings({"one"})), HasSubstr("1 samples in raw_text"));
  EXPECT_THAT(refusal_of("test", "text_bert", floats({1, 3, 1}, {1, 1, 1})),
              HasSubstr("1 samples in text_bert"));
}

TEST(FeatureFileErrors, SplitsAreAlike) {
  EXPECT_EQ(refusal_of("test", "audio", floats({2, 2, 2}, std::vector<float>(8, 1))),
            "audio has 2 steps of width 1 in train, and 2 steps of width 2 in test");
  EXPECT_EQ(refusal_of("valid", "vision", floats({2, 2, 2}, std::vector<float>(8, 1))),
            "vision has 1 steps of width 2 in train, and 2 steps of width 2 in valid");
  EXPECT_EQ(refusal_of("test", "text_bert", floats({2, 3, 1}, std::vector<float>(6, 1))),
            "text_bert has 0 tokens in train, and 1 in test");
}

TEST(FeatureFileErrors, NothingIsEmpty) {
  FeatureFile file;
  file.splits["valid"] = {{"id", strings({})},
                          {"raw_text", strings({})},
                          {"text", floats({0, 3, 2}, {})},
                          {"audio", floats({0, 2, 1}, {})},
                          {"vision", floats({0, 1, 2}, {})},
                          {"regression_labels", floats({0}, {})}};
  EXPECT_EQ(refusal(file), "its split valid is empty");
  EXPECT_EQ(refusal_of("train", "audio", floats({2, 0, 1}, {})),
            "in train, audio is f32 (2, 0, 1): there is nothing in it");
  EXPECT_THAT(refusal_of("train", "vision", floats({2, 1, 0}, {})), HasSubstr("nothing in it"));
}

TEST(FeatureFileErrors, ValuesAreFiniteAndTheSampleIsNamed) {
  EXPECT_EQ(
      refusal_of("train", "text", floats({2, 3, 2}, {0, 1, 2, 3, 4, 5, 6, 7, 8, kNaN, 10, 11})),
      "1 value in text of train (1 sample) cannot be computed with; first of all, in train, text "
      "of sample 'video$_$2' at step 1, feature 1 is not a number (NaN): mend or leave out these "
      "samples, or put zeros there with nonfinite=zero (--set nonfinite=zero, and --nonfinite zero "
      "of convert)");
  EXPECT_THAT(refusal_of("test", "audio", floats({2, 2, 1}, {1, kInfinity, 3, 4})),
              HasSubstr("audio of sample 'video$_$1' at step 1, feature 0 is infinite"));
  EXPECT_THAT(refusal_of("test", "vision", floats({2, 1, 2}, {1, 2, 3, -kInfinity})),
              HasSubstr("vision of sample 'video$_$2' at step 0, feature 1 is minus infinite"));
  EXPECT_EQ(refusal_of("valid", "regression_labels", floats({2}, {1, kNaN})),
            "in valid, regression_labels of sample 'video$_$2' is nan: --skip-unlabelled leaves "
            "utterances without a label out");
  EXPECT_THAT(refusal_of("valid", "regression_labels", floats({2}, {kInfinity, 0})),
              HasSubstr("sample 'video$_$1' is inf"));
}

TEST(FeatureFileErrors, FieldsAreOfTheirKind) {
  const Write none = [](PickleWriter& writer) { writer.none(); };
  EXPECT_EQ(refusal_of("train", "audio", none),
            "in train, audio holds None, and an array of numbers is expected");
  EXPECT_EQ(refusal_of("train", "id", none),
            "in train, id holds None, and a list of texts or numbers is expected");
  EXPECT_EQ(refusal_of("train", "id", [](PickleWriter& w) { w.mark().none().none().list(); }),
            "in train, id holds None, and a text or a number is expected");
  EXPECT_EQ(refusal_of("train", "regression_labels", strings({"a", "b"})),
            "in train, regression_labels holds the string 'a', and a number is expected");
  EXPECT_EQ(refusal_of("train", "regression_labels", floats({2, 2}, {1, 2, 3, 4})),
            "in train, regression_labels holds an array f32 (2, 2), and one number per sample is "
            "expected");
  EXPECT_THAT(refusal_of("train", "audio",
                         [](PickleWriter& w) {
                           w.begin_array("O8", {1}).mark().none().list().end_array();
                         }),
              EndsWith("audio holds None, and a number is expected"));
  EXPECT_THAT(refusal_of("train", "text_bert", floats({2, 2, 1}, {1, 1, 1, 1})),
              HasSubstr("(samples, 3, tokens) is expected: ids, mask and segments"));
  EXPECT_THAT(refusal_of("train", "text_bert", floats({2, 3, 1}, {1, 1, 1, 1.5f, 1, 1})),
              HasSubstr("does not hold token ids: element 3 is 1.5"));
}

TEST(FeatureFileErrors, TheFileHoldsSplits) {
  const TemporaryFolder folder;
  const auto refuses = [&](const std::string& bytes) {
    write_contents(folder / "x.pkl", bytes);
    return error_of([&] { read_feature_file(folder / "x.pkl"); });
  };
  EXPECT_THAT(refuses(PickleWriter().number(1).finish()),
              EndsWith("it holds the number 1, and a dict of train, valid and test is expected"));
  EXPECT_THAT(refuses(PickleWriter().mark().text("train").none().dict().finish()),
              EndsWith("its split train is None, and a dict is expected"));
  EXPECT_THAT(refuses(PickleWriter().mark().dict().finish()), EndsWith("there are nothing"));
  EXPECT_THAT(refuses("id,label\n"), HasSubstr("does not begin like a pickle"));
  EXPECT_THAT(refuses(""), EndsWith("x.pkl is empty"));
  EXPECT_THAT(error_of([&] { read_feature_file(folder / "none.pkl"); }),
              StartsWith("there is no file "));
}

// A file as `dmd convert` writes it, with something done to it.
std::string refusal_of_tensors(const std::function<void(trine::io::Safetensors&)>& change) {
  const TemporaryFolder folder;
  dmd::convert(data_file("features_numpy2_protocol5.pkl"), folder / "x.safetensors");
  trine::io::Safetensors file = trine::io::read_safetensors(folder / "x.safetensors");
  change(file);
  trine::io::write_safetensors(folder / "y.safetensors", file.arrays, file.metadata);
  return error_of([&] { read_feature_file(folder / "y.safetensors"); });
}

TEST(FeatureFileErrors, SafetensorsAreCheckedAlike) {
  EXPECT_THAT(refusal_of_tensors([](auto& file) { file.metadata.erase("format"); }),
              EndsWith("it is a safetensors file, but not one of features that `dmd convert` has "
                       "written"));
  EXPECT_THAT(refusal_of_tensors([](auto& file) { file.arrays.erase(file.arrays.begin() + 1); }),
              HasSubstr("there is audio in valid, and none in train"));
  EXPECT_THAT(refusal_of_tensors([](auto& file) { file.metadata.erase("test.id"); }),
              HasSubstr("its metadata has no test.id: there are format, "));
  EXPECT_THAT(refusal_of_tensors([](auto& file) { file.metadata["test.id"] = "[1,2]"; }),
              EndsWith("gives as test.id something that is not a JSON list of strings"));
  EXPECT_THAT(refusal_of_tensors([](auto& file) { file.metadata["test.id"] = "[\"a\"]"; }),
              HasSubstr("in test, there are 2 samples in raw_text and 1 in id"));
  EXPECT_THAT(refusal_of_tensors([](auto& file) {
                file.arrays.at(3).array = trine::io::Array::from(std::vector<float>{1}, {});
              }),
              HasSubstr("train.regression_labels is f32 ()"));
}

TEST(Convert, CheckpointsKeepTheirTensors) {
  const TemporaryFolder folder;
  PickleWriter writer(2);
  writer.mark().text("z");
  add_tensor(writer, {.storage_size = 4, .shape = {2, 2}, .strides = {1, 2}});
  writer.text("steps").number(5).dict();
  write_contents(folder / "in.pth", make_checkpoint(writer, {raw_bytes<float>({0, 1, 2, 3})}));
  const dmd::Conversion done = dmd::convert(folder / "in.pth", folder / "out.safetensors");
  EXPECT_EQ(done.kind, dmd::Conversion::Kind::checkpoint);
  EXPECT_EQ(done.items, 1);
  EXPECT_THAT(done.skipped, ElementsAre("steps"));
  const auto file = trine::io::read_safetensors(folder / "out.safetensors");
  EXPECT_EQ(file.metadata.at("format"), "pt");
  EXPECT_THAT(file.arrays.at(0).array.to_f32(), ElementsAre(0, 2, 1, 3));
}

TEST(Convert, ContentsDecideWithoutAName) {
  const TemporaryFolder folder;
  PickleWriter writer(2);
  writer.mark().text("z");
  add_tensor(writer, {.storage_size = 1, .shape = {1}, .strides = {1}}).dict();
  write_contents(folder / "in.bin", make_checkpoint(writer, {raw_bytes<float>({7})}));
  EXPECT_EQ(dmd::convert(folder / "in.bin", folder / "out.safetensors").items, 1);
}

TEST(Convert, LeavesNothingBehindWhenItFails) {
  const TemporaryFolder folder;
  const auto refuses = [&](std::string_view input, std::string_view output) {
    return error_of([&] { dmd::convert(folder / input, folder / output); });
  };
  write_contents(folder / "old.pth", "\x80\x02\x8a\x0a....");
  write_contents(folder / "page.pth", "<!DOCTYPE html>");
  write_contents(folder / "bad.pkl", PickleWriter().global("os", "system").finish());
  EXPECT_THAT(refuses("old.pth", "x.safetensors"), HasSubstr("it is cut short"));
  EXPECT_THAT(refuses("page.pth", "x.safetensors"), HasSubstr("it is a web page"));
  EXPECT_THAT(refuses("bad.pkl", "x.safetensors"),
              HasSubstr("it holds an object made by os.system, and a dict of train"));
  EXPECT_THAT(refuses("none.pkl", "x.safetensors"), HasSubstr("there is no file"));
  EXPECT_THAT(refuses("bad.pkl", "x.npz"), HasSubstr("should end in .safetensors"));
  EXPECT_FALSE(std::filesystem::exists(folder / "x.safetensors"));
}

}  // namespace
}  // namespace formats
