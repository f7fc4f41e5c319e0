// WordPiece and byte-level pairs against Hugging Face's tokenizers (tests/tokenizer/data/make.py).
#include "dmd/text/tokenizer.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "dmd/text/word_piece.h"
#include "tests/formats/test_files.h"

namespace dmd {
namespace {

namespace fs = std::filesystem;
using formats::shared_file;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

fs::path data_folder() { return fs::path(TRINE_SOURCE_DIR) / "tests/tokenizer/data"; }

EncoderConfig config_of(TextEncoder kind, std::int64_t vocabulary) {
  EncoderConfig config = standard_encoder(kind);
  config.vocab_size = vocabulary;
  return config;
}

// ---- Against rows that make.py wrote ----

std::int64_t number_of_lines(const fs::path& file) {
  std::ifstream lines(file);
  std::int64_t number = 0;
  for (std::string line; std::getline(lines, line);) ++number;
  return number;
}

std::unique_ptr<Tokenizer> tokenizer_of(const fs::path& folder) {
  if (!fs::exists(folder / "vocab.json"))
    return read_tokenizer(folder,
                          config_of(TextEncoder::bert, number_of_lines(folder / "vocab.txt")));
  const auto vocabulary = nlohmann::json::parse(std::ifstream(folder / "vocab.json"));
  const auto size = static_cast<std::int64_t>(vocabulary.size());
  return read_tokenizer(folder, config_of(TextEncoder::roberta, size));
}

bool agrees(const Tokenizer& tokenizer, const nlohmann::json& row) {
  const auto text = row["text"].get<std::string>();
  const auto expected = row["ids"].get<std::vector<std::int32_t>>();
  if (row.contains("length")) {
    const Tokens tokens = framed_tokens(tokenizer, text, row["length"].get<std::int64_t>());
    const auto used = std::ranges::count(tokens.mask, 1);
    return tokens.ids == expected && used == row["used"].get<std::int64_t>();
  }
  std::vector<std::int32_t> ids = tokenizer.pieces(text);
  ids.insert(ids.begin(), tokenizer.frame().begin);
  ids.push_back(tokenizer.frame().end);
  return ids == expected;
}

void expect_agreement(const Tokenizer& tokenizer, const fs::path& folder) {
  std::ifstream rows(folder / "rows.jsonl");
  int number = 0, wrong = 0;
  for (std::string line; std::getline(rows, line); ++number) {
    const auto row = nlohmann::json::parse(line);
    if (agrees(tokenizer, row)) continue;
    if (++wrong <= 20) ADD_FAILURE() << folder.filename() << ": " << row.dump(-1, ' ', true);
  }
  EXPECT_GT(number, 60) << folder;
  EXPECT_EQ(wrong, 0) << folder << ", of " << number;
}

TEST(WordPiece, AgreesWithHuggingFace) {
  const fs::path vocabulary = shared_file("data/vocab_bert_base_uncased.txt");
  if (!fs::exists(vocabulary))
    GTEST_SKIP() << "the vocabulary of bert-base-uncased is not at " << vocabulary;
  const TemporaryFolder folder;
  fs::copy_file(vocabulary, folder.path() / "vocab.txt");
  const auto tokenizer = read_tokenizer(folder.path(), standard_encoder(TextEncoder::bert));
  expect_agreement(*tokenizer, data_folder() / "bert");
}

// With these vocabularies ids show every character that is left of a text.
TEST(WordPiece, AgreesOnCharactersThatUnicodeChanged) {
  for (const char* name : {"characters", "characters-cased", "characters-accents"})
    expect_agreement(*tokenizer_of(data_folder() / name), data_folder() / name);
}

TEST(BytePair, AgreesWithHuggingFace) {
  expect_agreement(*tokenizer_of(data_folder() / "roberta"), data_folder() / "roberta");
}

// By hand: make.py VOCAB --corpus N DIR, then TRINE_TOKENIZER_CORPUS=DIR test_tokenizer.
TEST(Tokenizers, AgreeOnACorpus) {
  const char* corpus = std::getenv("TRINE_TOKENIZER_CORPUS");
  if (!corpus) GTEST_SKIP() << "TRINE_TOKENIZER_CORPUS names no folder of make.py --corpus";
  for (const fs::directory_entry& folder : fs::directory_iterator(corpus))
    expect_agreement(*tokenizer_of(folder.path()), folder.path());
}

constexpr std::string_view kVocabulary =
    "[PAD]\n[UNK]\n[CLS]\n[SEP]\nThe\n##re\nthe\n##\xC3\xA9\n!\n";

std::vector<std::int32_t> cut(std::string_view text, const WordPieceOptions& options) {
  return WordPiece(kVocabulary, options, "vocab.txt").pieces(text);
}

TEST(WordPiece, KeepsUpperCaseWhereItIsToldTo) {
  EXPECT_THAT(cut("There Theé!", {}), ElementsAre(6, 5, 1, 8));
  const WordPieceOptions cased{.lower_case = false, .strip_accents = false};
  EXPECT_THAT(cut("There Theé!", cased), ElementsAre(4, 5, 4, 7, 8));
}

TEST(Frame, CutsAndPads) {
  const WordPiece tokenizer(kVocabulary, {}, "vocab.txt");
  const Tokens longer = framed_tokens(tokenizer, "the the", 6);
  EXPECT_THAT(longer.ids, ElementsAre(2, 6, 6, 3, 0, 0));
  EXPECT_THAT(longer.mask, ElementsAre(1, 1, 1, 1, 0, 0));
  EXPECT_THAT(longer.segments, testing::Each(0));
  EXPECT_THAT(framed_tokens(tokenizer, "the the the", 4).ids, ElementsAre(2, 6, 6, 3));
  EXPECT_THAT(error_of([&] { framed_tokens(tokenizer, "the", 1); }), HasSubstr("no room"));
}

// ---- Folders that do not serve ----

class TokenizerFolder : public testing::Test {
 protected:
  std::string refusal(TextEncoder kind, std::int64_t vocabulary) {
    return error_of([&] { read_tokenizer(here(), config_of(kind, vocabulary)); });
  }
  fs::path here() const { return folder_.path(); }

  TemporaryFolder folder_;
};

TEST_F(TokenizerFolder, NeedsAVocabulary) {
  EXPECT_THAT(refusal(TextEncoder::bert, 9),
              AllOf(HasSubstr("holds no vocabulary"), HasSubstr("vocab.txt")));
  EXPECT_THAT(refusal(TextEncoder::roberta, 9), HasSubstr("vocab.json"));
  write_contents(here() / "vocab.json", "{}");
  EXPECT_THAT(refusal(TextEncoder::roberta, 9), HasSubstr("merges.txt"));
}

TEST_F(TokenizerFolder, NeedsAVocabularyOfTheEmbeddingsSize) {
  write_contents(here() / "vocab.txt", kVocabulary);
  EXPECT_NO_THROW(read_tokenizer(here(), config_of(TextEncoder::bert, 9)));
  EXPECT_THAT(refusal(TextEncoder::bert, 10),
              AllOf(HasSubstr("has 9 entries"), HasSubstr("vocab_size = 10")));
}

TEST_F(TokenizerFolder, NeedsFilesThatAreVocabularies) {
  write_contents(here() / "vocab.txt", "a\nb\n");
  EXPECT_THAT(refusal(TextEncoder::bert, 2), HasSubstr("vocab.txt has no [UNK]"));
  write_contents(here() / "vocab.json", "[1]");
  write_contents(here() / "merges.txt", "#version: 0.2\n");
  EXPECT_THAT(refusal(TextEncoder::roberta, 2), HasSubstr("JSON object of pieces"));
  write_contents(here() / "vocab.json", R"({"a": 0})");
  EXPECT_THAT(refusal(TextEncoder::roberta, 1), HasSubstr("no <s>"));
  write_contents(here() / "merges.txt", "ab\n");
  EXPECT_THAT(refusal(TextEncoder::roberta, 1), HasSubstr("two pieces"));
}

}  // namespace
}  // namespace dmd
