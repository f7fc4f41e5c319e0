// Tokens for transcripts.
#include "dmd/text/raw_text.h"

#include <array>

#include <gmock/gmock.h>

#include "dmd/models/configuration.h"
#include "tests/support/errors.h"
#include "tests/support/temporary_folder.h"

namespace dmd {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

class RawText : public testing::Test {
 protected:
  RawText() {
    write_contents(folder_ / "vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\nthe\nmovie\n");
    config_.text_encoder = TextEncoder::bert;
    config_.text_encoder_path = folder_.path().string();
    config_.text_model = standard_encoder(TextEncoder::bert);
    train_.raw_text = {"the movie", ""};
    test_.raw_text = {"the the the the"};
  }

  std::string tokenize() { return tokenize_raw_text(std::array{&train_, &test_}, config_); }

  TemporaryFolder folder_;
  Config config_ = default_config();
  Split train_, test_;
};

TEST_F(RawText, IsAsLongAsTheLongest) {
  EXPECT_THAT(tokenize(), AllOf(HasSubstr("into 6 tokens"), HasSubstr("0 of 3 utterances")));
  EXPECT_EQ(train_.bert.n, 2);
  EXPECT_EQ(train_.bert.tokens, 6);
  EXPECT_THAT(train_.bert.ids, ElementsAre(2, 4, 5, 3, 0, 0, 2, 3, 0, 0, 0, 0));
  EXPECT_THAT(train_.bert.mask, ElementsAre(1, 1, 1, 1, 0, 0, 1, 1, 0, 0, 0, 0));
  EXPECT_THAT(test_.bert.ids, ElementsAre(2, 4, 4, 4, 4, 3));
}

TEST_F(RawText, IsCutToWhatTheRunOrTheEncoderTakes) {
  config_.seq_lens = {4, 0, 0};
  EXPECT_THAT(tokenize(), AllOf(HasSubstr("into 4 tokens"), HasSubstr("1 of 3 utterances")));
  EXPECT_THAT(test_.bert.ids, ElementsAre(2, 4, 4, 3));
  config_.seq_lens = {};
  config_.text_model->max_position_embeddings = 5;
  EXPECT_THAT(tokenize(), HasSubstr("into 5 tokens"));
}

TEST_F(RawText, NeedsAVocabulary) {
  std::filesystem::remove(folder_ / "vocab.txt");
  EXPECT_THAT(error_of([&] { tokenize(); }),
              AllOf(HasSubstr("raw_text and no text_bert"), HasSubstr("holds no vocabulary")));
  config_.text_encoder_path.clear();
  EXPECT_THAT(error_of([&] { tokenize(); }), HasSubstr("--set text_encoder_path=DIR"));
}

TEST_F(RawText, IsWantedWhereThereAreNoTokens) {
  EXPECT_TRUE(has_text_alone(train_));
  train_.raw_text = {"", ""};
  EXPECT_FALSE(has_text_alone(train_));
  tokenize();
  EXPECT_FALSE(has_text_alone(test_));
}

}  // namespace
}  // namespace dmd
