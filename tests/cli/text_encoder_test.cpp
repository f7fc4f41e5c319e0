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
