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
        "dmd train --data data.pkl --device cpu --threads 1 --set text_encoder={} --set "
        "text_encoder_path={}/{} --set conv1d_kernel_size_l=1 --set conv1d_kernel_size_a=1 --set "
        "conv1d_kernel_size_v=1 --set nlevels=1 --set dst_feature_dim=8 --set nheads=2 --set "
        "update_epochs=1 {}",
        kind(), kEncoders, kind(), flags));
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
               fmt::format("own holds no vocabulary: a {} encoder's tokenizer is read from {}",
                           kind(), is_bert ? "vocab.txt" : "vocab.json"));
  dmd::write_contents(shell_ / "own/vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\nhello\n");
  dmd::write_contents(shell_ / "own/vocab.json",
                      R"({"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3, "h": 4})");
  dmd::write_contents(shell_ / "own/merges.txt", "#version: 0.2\n");
  expect_error(shell_.run(predict_from("own")), 1,
               "own: the vocabulary has 5 entries and config.json says vocab_size = 61");
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
