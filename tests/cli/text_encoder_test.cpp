// Text encoders from the command line: a feature file with tokens, frozen and trained along, and
// what users get wrong.
#include <filesystem>

#include "tests/cli/program.h"
#include "tests/formats/feature_writer.h"

namespace cli_test {
namespace {

using formats::FeatureFile;
using formats::floats;
using testing::HasSubstr;

constexpr const char* kEncoders = TRINE_SOURCE_DIR "/tests/text_encoder/data";

// Two utterances of three tokens each: ids, mask, segments.
FeatureFile file_with_tokens(float last_id = 2) {
  FeatureFile file;
  for (auto& [name, fields] : file.splits)
    fields["text_bert"] =
        floats({2, 3, 3}, {0, 5, 2, 1, 1, 1, 0, 0, 0, 0, 60, last_id, 1, 1, 1, 0, 0, 0});
  return file;
}

class WithEncoder : public testing::TestWithParam<const char*> {
 protected:
  WithEncoder() { dmd::write_contents(shell_ / "data.pkl", file_with_tokens().bytes()); }

  static std::string kind() { return GetParam(); }

  Result train(const std::string& flags) const {
    return shell_.run(fmt::format(
        "dmd train {} --device cpu --threads 1 --set text_encoder={} --set "
        "text_encoder_path={}/{} --set conv1d_kernel_size_l=1 --set conv1d_kernel_size_a=1 --set "
        "conv1d_kernel_size_v=1 --set nlevels=1 --set dst_feature_dim=8 --set nheads=2 --set "
        "update_epochs=1 {}",
        flags.find("--data") == flags.npos ? "--data data.pkl" : "", kind(), kEncoders, kind(),
        flags));
  }

  // With the vocabulary of `folder` in place of the run's own.
  std::string predict_from(const std::string& folder) const {
    return "dmd predict --checkpoint run --text hello --device cpu --set text_encoder_path=" +
           folder;
  }

  Shell shell_;
};

TEST_P(WithEncoder, TrainsResumesAndScores) {
  for (const char* finetune : {"true", "false"}) {
    SCOPED_TRACE(finetune);
    const std::string name(finetune), set = fmt::format("--set use_finetune={} ", finetune);
    const Result whole = train(set + "--epochs 2 --out whole-" + name);
    ASSERT_EQ(whole.status, 0) << whole.err;
    ASSERT_EQ(train(set + "--epochs 1 --out more-" + name).status, 0);
    const Result more = shell_.run(
        fmt::format("dmd train --data data.pkl --device cpu --resume more-{} --epochs 2", name));
    ASSERT_EQ(more.status, 0) << more.err;
    EXPECT_EQ(measurements(shell_ / ("more-" + name)), measurements(shell_ / ("whole-" + name)));
    const Result scored =
        shell_.run(fmt::format("dmd eval --checkpoint whole-{} --data data.pkl --json", name));
    ASSERT_EQ(scored.status, 0) << scored.err;
    EXPECT_EQ(Json::parse(scored.out)["n"], 2);
  }
}

TEST_P(WithEncoder, NeedsAVocabularyOfItsSizeForASentence) {
  ASSERT_EQ(train("--set use_finetune=true --epochs 1 --out run").status, 0);
  std::filesystem::copy(fmt::format("{}/{}", kEncoders, kind()), shell_ / "own");
  const bool is_bert = kind() == "bert";
  expect_error(shell_.run(predict_from("own")), 1,
               fmt::format("own holds no vocabulary: a {} encoder's tokenizer is read from "
                           "tokenizer.json or from {}, which is missing",
                           kind(), is_bert ? "vocab.txt" : "vocab.json"));
  std::string more;
  for (int i = 0; i < 60; ++i) more += fmt::format("w{}\n", i);
  dmd::write_contents(shell_ / "own/vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\nhello\n" + more);
  dmd::write_contents(shell_ / "own/vocab.json",
                      R"({"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3, "h": 64})");
  dmd::write_contents(shell_ / "own/merges.txt", "#version: 0.2\n");
  expect_error(shell_.run(predict_from("own")), 1,
               "own: the vocabulary has 65 entries, and config.json's vocab_size makes an "
               "embedding of 61 rows");
}

TEST_P(WithEncoder, TellsTheClassOfASentence) {
  if (kind() != "bert") return;
  FeatureFile file = file_with_tokens();
  for (auto& [name, fields] : file.splits)
    fields["classification_labels"] = formats::strings({"glad", "sorry"});
  dmd::write_contents(shell_ / "data.pkl", file.bytes());
  ASSERT_EQ(train("--set task=classification --epochs 1 --out run").status, 0);
  std::filesystem::copy(fmt::format("{}/{}", kEncoders, kind()), shell_ / "own");
  std::string vocabulary = "[PAD]\n[UNK]\n[CLS]\n[SEP]\nhello\n";
  for (int i = 5; i < 61; ++i) vocabulary += fmt::format("word{}\n", i);
  dmd::write_contents(shell_ / "own/vocab.txt", vocabulary);
  const Result told = shell_.run(predict_from("own"));
  ASSERT_EQ(told.status, 0) << told.err;
  EXPECT_THAT(told.out, testing::ContainsRegex("head +answer +glad +sorry"));
  EXPECT_THAT(told.out, testing::ContainsRegex("prediction +(glad|sorry) +0\\.[0-9]+ +0\\.[0-9]+"));
}

// As newer versions of transformers save it, over an embedding that is padded.
TEST_P(WithEncoder, TakesASentenceWithATokenizerJson) {
  ASSERT_EQ(train("--set use_finetune=true --epochs 1 --out run").status, 0);
  std::filesystem::copy(fmt::format("{}/{}", kEncoders, kind()), shell_ / "own");
  const char* bert = R"({"added_tokens": [], "pre_tokenizer": {"type": "BertPreTokenizer"},
    "model": {"type": "WordPiece",
              "vocab": {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "hello": 4}}})";
  const char* roberta = R"({"added_tokens": [],
    "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false},
    "model": {"type": "BPE", "merges": [["h", "e"]],
              "vocab": {"<s>": 0, "<pad>": 1, "</s>": 2, "h": 3, "e": 4, "he": 5}}})";
  dmd::write_contents(shell_ / "own/tokenizer.json", kind() == "bert" ? bert : roberta);
  const Result result = shell_.run(predict_from("own"));
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("and an embedding of 61 rows: the rows behind them are"));
  EXPECT_THAT(result.out, HasSubstr("prediction"));
}

// ---- Files that leave the text to the encoder ----

// A tokenizer for the encoders of the fixtures.
constexpr const char* kTokenizer = R"({"added_tokens": [],
    "pre_tokenizer": {"type": "BertPreTokenizer"},
    "model": {"type": "WordPiece", "vocab": {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3,
                                             "one": 4, "two": 5}}})";

FeatureFile without(FeatureFile file, std::initializer_list<const char*> names) {
  for (auto& [split, fields] : file.splits)
    for (const char* name : names) fields.erase(name);
  return file;
}

TEST_P(WithEncoder, NeedsNoFeaturesOfTheText) {
  dmd::write_contents(shell_ / "tokens.pkl", without(file_with_tokens(), {"text"}).bytes());
  ASSERT_EQ(train("--epochs 1 --out whole").status, 0);
  const Result alone = train("--data tokens.pkl --epochs 1 --out alone");
  ASSERT_EQ(alone.status, 0) << alone.err;
  EXPECT_EQ(measurements(shell_ / "alone"), measurements(shell_ / "whole"));
  expect_error(shell_.run("dmd train --data tokens.pkl --device cpu --out none"), 1,
               "the data leave the text to an encoder, as they have no features of it (a field "
               "'text'): name one with --set text_encoder=bert");
}

// "one" and "two" as the tokens of the transcripts give what the transcripts alone give.
TEST_P(WithEncoder, MakesTokensOfTranscripts) {
  std::filesystem::copy(fmt::format("{}/{}", kEncoders, kind()), shell_ / "own");
  FeatureFile tokens;
  for (auto& [name, fields] : tokens.splits)
    fields["text_bert"] = floats({2, 3, 3}, {2, 4, 3, 1, 1, 1, 0, 0, 0, 2, 5, 3, 1, 1, 1, 0, 0, 0});
  dmd::write_contents(shell_ / "tokens.pkl", tokens.bytes());
  dmd::write_contents(shell_ / "words.pkl", without(tokens, {"text", "text_bert"}).bytes());
  const std::string own = "--set text_encoder_path=own --epochs 1 ";
  expect_error(train(own + "--data words.pkl --out words"), 1,
               "the data have raw_text and no text_bert, and no tokens can be made of it");
  dmd::write_contents(shell_ / "own/tokenizer.json", kTokenizer);
  ASSERT_EQ(train(own + "--data tokens.pkl --out tokens").status, 0);
  const Result words = train(own + "--data words.pkl --out words");
  ASSERT_EQ(words.status, 0) << words.err;
  EXPECT_THAT(words.err, HasSubstr("words.pkl: there is no text_bert: raw_text is cut by the"));
  EXPECT_EQ(measurements(shell_ / "words"), measurements(shell_ / "tokens"));

  const auto predictions = [&](const std::string& data) {
    const Result result =
        shell_.run("dmd predict --checkpoint words --device cpu --out p.csv --data " + data);
    EXPECT_EQ(result.status, 0) << result.err;
    return dmd::contents_of(shell_ / "p.csv");
  };
  EXPECT_EQ(predictions("words.pkl"), predictions("tokens.pkl"));
  const Result more =
      shell_.run("dmd train --data words.pkl --device cpu --resume words --epochs 2");
  EXPECT_EQ(more.status, 0) << more.err;
}

// ---- Where the folder is ----

// A frozen encoder is needed by whatever the run is used for.
class MovedEncoder : public WithEncoder {
 protected:
  MovedEncoder() {
    std::filesystem::copy(fmt::format("{}/{}", kEncoders, kind()), shell_ / "own");
    dmd::write_contents(shell_ / "own/tokenizer.json", kTokenizer);
    const Result run = train(
        "--set use_finetune=false --set text_encoder_path=own --epochs 1 "
        "--out runs/first");
    EXPECT_EQ(run.status, 0) << run.err;
    std::filesystem::create_directory(shell_ / "elsewhere");
  }

  // Every command that a run is used with, from another folder than it was begun in.
  std::vector<Result> uses(const std::string& flags) const {
    std::vector<Result> results;
    for (const char* command :
         {"predict --checkpoint ../runs/first --text one", "eval --checkpoint ../runs/first",
          "predict --checkpoint ../runs/first --out p.csv", "explain --checkpoint ../runs/first",
          "export --checkpoint ../runs/first --out x.onnx", "train --resume ../runs/first"}) {
      const std::string line(command);
      const bool has_no_data = line.find("--text") != line.npos || line.starts_with("export");
      const bool has_device = !line.starts_with("export");
      results.push_back(shell_.run(fmt::format("cd elsewhere && dmd {}{}{} {}", line,
                                               has_no_data ? "" : " --data ../data.pkl",
                                               has_device ? " --device cpu" : "", flags)));
    }
    return results;
  }

  void move(const char* from, const char* to) {
    std::filesystem::rename(shell_ / from, shell_ / to);
  }
};

TEST_P(MovedEncoder, IsFoundFromAnyFolder) {
  const Json config = Json::parse(dmd::contents_of(shell_ / "runs/first/config.json"));
  EXPECT_TRUE(std::filesystem::path(config["text_encoder_path"].get<std::string>()).is_absolute());
  for (const Result& result : uses("")) EXPECT_EQ(result.status, 0) << result.err;
}

TEST_P(MovedEncoder, IsFoundBesideTheRun) {
  move("own", "runs/own");
  for (const Result& result : uses("")) {
    EXPECT_EQ(result.status, 0) << result.err;
    EXPECT_THAT(result.err, HasSubstr("runs/own is taken"));
  }
}

TEST_P(MovedEncoder, IsNamedWhereItIsNowhere) {
  move("own", "other");
  for (const Result& result : uses("")) {
    EXPECT_EQ(result.status, 1);
    EXPECT_THAT(result.err,
                testing::StartsWith("dmd: the folder of the text encoder is not there"));
    for (const char* place :
         {"/own, ", "/runs/first/own, ", "/runs/own)", "with --set text_encoder_path=DIR"})
      EXPECT_THAT(result.err, HasSubstr(place));
  }
  for (const Result& result : uses("--set text_encoder_path=../other"))
    EXPECT_EQ(result.status, 0) << result.err;
  const Json config = Json::parse(dmd::contents_of(shell_ / "runs/first/config.json"));
  EXPECT_THAT(config["text_encoder_path"].get<std::string>(), testing::EndsWith("/other"));
  expect_error(shell_.run("dmd train --data data.pkl --resume runs/first --set seed=1"), 2,
               "--set seed=1: a run goes on with the configuration that it began with");
  std::filesystem::remove_all(shell_ / "other");
  std::filesystem::copy(fmt::format("{}/{}", kEncoders, kind()), shell_ / "other");
  std::string sizes = dmd::contents_of(shell_ / "other/config.json");
  sizes.replace(sizes.find("\"num_hidden_layers\": 2"), 22, "\"num_hidden_layers\": 1");
  dmd::write_contents(shell_ / "other/config.json", sizes);
  expect_error(shell_.run("dmd train --data data.pkl --resume runs/first --set "
                          "text_encoder_path=other --device cpu"),
               1, "holds another encoder than the run began with");
}

INSTANTIATE_TEST_SUITE_P(Kinds, MovedEncoder, testing::Values("bert", "roberta"),
                         [](const auto& param) { return std::string(param.param); });

TEST_P(WithEncoder, NeedsIdsOfItsVocabulary) {
  dmd::write_contents(shell_ / "data.pkl", file_with_tokens(61).bytes());
  expect_error(train("--out run"), 1,
               "text_bert of sample 'video$_$2' has the id 61 at token 2, and the encoder's "
               "vocabulary runs from 0 to 60");
  EXPECT_FALSE(std::filesystem::exists(shell_ / "run"));
}

TEST_P(WithEncoder, NeedsWeightsThatCanBeRead) {
  std::filesystem::copy(fmt::format("{}/{}", kEncoders, kind()), shell_ / "own");
  std::filesystem::remove(shell_ / "own/pytorch_model.bin");
  dmd::write_contents(shell_ / "own/model.safetensors", std::string(8, '\x7f') + "{}");
  expect_error(train("--out run --set text_encoder_path=own"), 1,
               "own/model.safetensors is not a safetensors file that can be read: its header "
               "should have 9187201950435737471 bytes, and 2 are left");
}

INSTANTIATE_TEST_SUITE_P(Kinds, WithEncoder, testing::Values("bert", "roberta"),
                         [](const auto& param) { return std::string(param.param); });

}  // namespace
}  // namespace cli_test
