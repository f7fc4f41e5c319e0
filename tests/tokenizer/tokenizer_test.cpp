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

// Their embeddings may have any number of rows.
std::unique_ptr<Tokenizer> tokenizer_of(const fs::path& folder) {
  const bool is_roberta = fs::exists(folder / "vocab.json");
  return read_tokenizer(
      folder, config_of(is_roberta ? TextEncoder::roberta : TextEncoder::bert, 10'000'000));
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
    if (++wrong <= 20)
      ADD_FAILURE() << folder.filename() << ": " << row.dump(-1, ' ', true) << ", and here "
                    << testing::PrintToString(tokenizer.pieces(row["text"].get<std::string>()));
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

// Ends, prefixes, limits and added tokens of other kinds than BERT's and RoBERTa's.
TEST(TokenizerJson, AgreesWithHuggingFace) {
  for (const char* name : {"json-words", "json-bytes", "json-whole"})
    expect_agreement(*tokenizer_of(data_folder() / name), data_folder() / name);
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

TEST_F(TokenizerFolder, NeedsAnEmbeddingWithARowForEachWord) {
  write_contents(here() / "vocab.txt", kVocabulary);
  EXPECT_NO_THROW(read_tokenizer(here(), config_of(TextEncoder::bert, 9)));
  EXPECT_NO_THROW(read_tokenizer(here(), config_of(TextEncoder::bert, 64)));  // padded
  EXPECT_THAT(refusal(TextEncoder::bert, 8),
              AllOf(HasSubstr("has 9 entries"), HasSubstr("embedding of 8 rows")));
}

TEST_F(TokenizerFolder, NeedsFilesThatAreVocabularies) {
  write_contents(here() / "vocab.txt", "a\nb\n");
  EXPECT_THAT(refusal(TextEncoder::bert, 2), HasSubstr("vocab.txt has no [UNK]"));
  write_contents(here() / "vocab.json", "[1]");
  write_contents(here() / "merges.txt", "#version: 0.2\n");
  EXPECT_THAT(refusal(TextEncoder::roberta, 2), HasSubstr("JSON object of pieces"));
  write_contents(here() / "vocab.json", R"({"a": 0})");
  EXPECT_THAT(refusal(TextEncoder::roberta, 1), HasSubstr("has no <"));
  for (const char* line : {"ab", "a b c", " a", "a ", "a  b"}) {
    write_contents(here() / "merges.txt", fmt::format("#version: 0.2\n{}\n", line));
    EXPECT_THAT(refusal(TextEncoder::roberta, 1), HasSubstr("merges.txt, line 2: two pieces"));
  }
  write_contents(here() / "merges.txt", "a b\n");
  for (const char* id : {"-1", "1e3", "4294967296", "18446744073709551615", "\"1\"", "null"}) {
    write_contents(here() / "vocab.json", fmt::format(R"({{"a": {}}})", id));
    EXPECT_THAT(refusal(TextEncoder::roberta, 1), HasSubstr("the id of 'a' is")) << id;
  }
}

constexpr const char* kPieces =
    R"({"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3, "a": 4, "b": 5, "ab": 6})";

TEST_F(TokenizerFolder, NeedsMergesOfItsVocabulary) {
  write_contents(here() / "vocab.json", kPieces);
  write_contents(here() / "merges.txt", "a b\nab a\n");
  EXPECT_THAT(refusal(TextEncoder::roberta, 9),
              AllOf(HasSubstr("'ab' and 'a' are joined, and 'aba' is not in the vocabulary"),
                    HasSubstr("not of one model")));
}

std::string with_windows_ends(std::string text) {
  for (std::size_t at = 0; (at = text.find('\n', at)) != text.npos; at += 2)
    text.replace(at, 1, "\r\n");
  return text;
}

// As Notepad saves them: with a mark in front too.
TEST_F(TokenizerFolder, MayHaveBeenOnWindows) {
  write_contents(here() / "vocab.txt",
                 "\xEF\xBB\xBF" + with_windows_ends(std::string(kVocabulary)));
  const auto bert = read_tokenizer(here(), config_of(TextEncoder::bert, 9));
  EXPECT_EQ(bert->size(), 9);
  EXPECT_THAT(bert->pieces("There!"), ElementsAre(6, 5, 8));
  write_contents(here() / "vocab.json",
                 with_windows_ends("\xEF\xBB\xBF" + std::string(kPieces) + "\n"));
  write_contents(here() / "merges.txt", with_windows_ends("#version: 0.2\na b\n"));
  EXPECT_THAT(read_tokenizer(here(), config_of(TextEncoder::roberta, 9))->pieces("aba"),
              ElementsAre(6, 4));
}

// ids of <s> and so on are of no matter here, but the blank.
TEST_F(TokenizerFolder, PutsABlankInFrontWhereItIsToldTo) {
  write_contents(here() / "vocab.json",
                 R"({"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3, "a": 4, "Ġ": 5})");
  write_contents(here() / "merges.txt", "\n");
  const auto ids = [&] {
    return read_tokenizer(here(), config_of(TextEncoder::roberta, 9))->pieces("a");
  };
  EXPECT_THAT(ids(), ElementsAre(4));
  write_contents(here() / "tokenizer_config.json", R"({"add_prefix_space": true})");
  EXPECT_THAT(ids(), ElementsAre(5, 4));
  write_contents(here() / "tokenizer_config.json", R"({"add_prefix_space": 1})");
  EXPECT_THAT(refusal(TextEncoder::roberta, 9), HasSubstr("add_prefix_space should be true or"));
}

}  // namespace
}  // namespace dmd
