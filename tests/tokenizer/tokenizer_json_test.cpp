// tokenizer.json: what it says is done or refused by name, and damaged ones are answered with a
// sentence.
#include "dmd/text/tokenizer_json.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "tests/formats/mutants.h"
#include "tests/formats/test_files.h"

namespace dmd {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

json words() {
  return json::parse(R"({
    "version": "1.0", "truncation": null, "padding": null,
    "added_tokens": [
      {"id": 0, "content": "[PAD]", "single_word": false, "lstrip": false, "rstrip": false,
       "normalized": false, "special": true},
      {"id": 3, "content": "[SEP]", "single_word": false, "lstrip": false, "rstrip": false,
       "normalized": false, "special": true}],
    "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
                   "strip_accents": null, "lowercase": true},
    "pre_tokenizer": {"type": "BertPreTokenizer"},
    "post_processor": {"type": "TemplateProcessing",
      "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}},
                 {"Sequence": {"id": "A", "type_id": 0}},
                 {"SpecialToken": {"id": "[SEP]", "type_id": 0}}],
      "pair": [],
      "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [2], "tokens": ["[CLS]"]},
                         "[SEP]": {"id": "[SEP]", "ids": [3], "tokens": ["[SEP]"]}}},
    "decoder": {"type": "Anything"},
    "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
              "max_input_chars_per_word": 100,
              "vocab": {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "the": 4, "##re": 5,
                        "The": 6, "é": 7, "e": 8, "我": 9}}})");
}

json pairs() {
  return json::parse(R"({
    "added_tokens": [], "normalizer": null,
    "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true},
    "post_processor": {"type": "RobertaProcessing", "sep": ["</s>", 2], "cls": ["<s>", 0],
                       "trim_offsets": true, "add_prefix_space": false},
    "model": {"type": "BPE", "dropout": null, "unk_token": null,
              "continuing_subword_prefix": "", "end_of_word_suffix": "", "fuse_unk": false,
              "byte_fallback": false, "ignore_merges": false,
              "vocab": {"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3, "a": 4, "b": 5, "ab": 6,
                        "Ġ": 7},
              "merges": [["a", "b"]]}})");
}

std::unique_ptr<Tokenizer> read(const json& file, const TokenizerSettings& settings = {}) {
  return tokenizer_from_json(file.dump(), "tokenizer.json", settings);
}

std::vector<std::int32_t> cut(std::string_view text, const json& file,
                              const TokenizerSettings& settings = {}) {
  return read(file, settings)->pieces(text);
}

// The file with `value` at a place such as "/model/unk_token".
json changed(json file, const char* place, const json& value) {
  file[json::json_pointer(place)] = value;
  return file;
}

std::string refusal(const json& file) {
  return error_of([&] { read(file); });
}

// ---- What is read ----

TEST(TokenizerJson, SaysHowBertCuts) {
  EXPECT_THAT(cut("There É [SEP] [CLS]我", words()), ElementsAre(4, 5, 8, 3, 1, 1, 1, 9));
  const Tokenizer::Frame frame = read(words())->frame();
  EXPECT_THAT((std::vector{frame.begin, frame.end, frame.padding}), ElementsAre(2, 3, 0));
  const json cased = changed(words(), "/normalizer/lowercase", false);
  EXPECT_THAT(cut("There é", cased), ElementsAre(6, 5, 7));
  EXPECT_THAT(cut("thé", changed(words(), "/normalizer/strip_accents", false)), ElementsAre(1));
  EXPECT_THAT(cut("the我e", changed(words(), "/normalizer/handle_chinese_chars", false)),
              ElementsAre(1));
  EXPECT_THAT(cut("The", changed(words(), "/normalizer", nullptr)), ElementsAre(6));
  EXPECT_THAT(cut("there", changed(words(), "/model/max_input_chars_per_word", 4)), ElementsAre(1));
  EXPECT_THAT(cut("e\1", changed(words(), "/normalizer/clean_text", false)), ElementsAre(1));
}

// As transformers has it: the settings beside the file count.
TEST(TokenizerJson, GivesWayToTheSettingsOfItsFolder) {
  EXPECT_THAT(cut("The É", words(), {.lower_case = false}), ElementsAre(6, 1));
  EXPECT_THAT(cut("the我", words(), {.split_chinese = false}), ElementsAre(1));
  EXPECT_THAT(cut("é", words(), {.strip_accents = false}), ElementsAre(7));
  EXPECT_THAT(cut("a", pairs(), {.blank_before = true}), ElementsAre(7, 4));
}

TEST(TokenizerJson, SaysHowRobertaCuts) {
  EXPECT_THAT(cut("abba a?", pairs()), ElementsAre(6, 5, 4, 7, 4));  // ? is no piece
  EXPECT_THAT(cut("a?", changed(pairs(), "/model/unk_token", "<unk>")), ElementsAre(4, 3));
  EXPECT_THAT(cut("ab", changed(pairs(), "/model/merges", json::array())), ElementsAre(4, 5));
  EXPECT_THAT(cut("ab", changed(pairs(), "/model/merges", {"a b"})), ElementsAre(6));
  EXPECT_THAT(cut("a", changed(pairs(), "/pre_tokenizer/add_prefix_space", true)),
              ElementsAre(7, 4));
  json early = pairs();
  early["model"].erase("type");
  EXPECT_THAT(cut("ab", early), ElementsAre(6));
  early = words();
  early["model"].erase("type");
  EXPECT_THAT(cut("the", early), ElementsAre(4));
}

TEST(TokenizerJson, SaysWhatStandsAround) {
  json file = changed(words(), "/post_processor", json::parse(R"({"type": "BertProcessing",
    "sep": ["the", 4], "cls": ["e", 8]})"));
  EXPECT_EQ(read(file)->frame().begin, 8);
  EXPECT_EQ(read(file)->frame().end, 4);
  file["padding"] = json::parse(R"({"strategy": "BatchLongest", "direction": "Right",
    "pad_id": 7, "pad_type_id": 0, "pad_token": "é"})");
  EXPECT_EQ(read(file)->frame().padding, 7);
  for (const json& none : {json(), json{{"type", "ByteLevel"}}}) {
    const Tokenizer::Frame frame = read(changed(pairs(), "/post_processor", none))->frame();
    EXPECT_THAT((std::vector{frame.begin, frame.end, frame.padding}), ElementsAre(0, 2, 1));
  }
}

TEST(TokenizerJson, MayAddTokens) {
  json file = words();
  file["added_tokens"].push_back({{"id", 20}, {"content", "Dr. No"}, {"normalized", true}});
  EXPECT_EQ(read(file)->size(), 21);
  EXPECT_THAT(cut("the DR. NO e", file), ElementsAre(4, 20, 8));
  file["added_tokens"].back()["normalized"] = false;
  EXPECT_THAT(cut("Dr. No DR", file), ElementsAre(20, 1));
}

// ---- What is refused ----

TEST(TokenizerJson, OfAnotherKindIsRefusedByName) {
  const auto expect = [](const json& file, const char* place, const char* type) {
    EXPECT_THAT(refusal(changed(file, place, {{"type", type}})),
                AllOf(StartsWith("tokenizer.json, " + std::string(place).substr(1)),
                      HasSubstr(type), HasSubstr("choose another tokenizer")));
  };
  for (const char* type : {"NFKC", "Sequence", "Lowercase"}) expect(words(), "/normalizer", type);
  for (const char* type : {"Whitespace", "Metaspace", "ByteLevel"})
    expect(words(), "/pre_tokenizer", type);
  for (const char* type : {"Unigram", "WordLevel"}) expect(words(), "/model", type);
  expect(words(), "/post_processor", "Sequence");
  expect(pairs(), "/normalizer", "BertNormalizer");
  expect(pairs(), "/pre_tokenizer", "BertPreTokenizer");
  EXPECT_THAT(refusal(changed(words(), "/pre_tokenizer", nullptr)), HasSubstr("is null"));
}

TEST(TokenizerJson, WithOptionsThatAreNotComputedIsRefused) {
  const std::pair<const char*, json> options[]{{"/model/dropout", 0.1},
                                               {"/model/continuing_subword_prefix", "##"},
                                               {"/model/end_of_word_suffix", "</w>"},
                                               {"/model/fuse_unk", true},
                                               {"/model/byte_fallback", true},
                                               {"/pre_tokenizer/use_regex", false}};
  for (const auto& [place, value] : options)
    EXPECT_THAT(refusal(changed(pairs(), place, value)),
                AllOf(HasSubstr(value.dump()), HasSubstr("not computed here")))
        << place;
}

TEST(TokenizerJson, MustFitTogether) {
  const auto expect = [](const json& file, const char* place, const json& value,
                         const char* sentence) {
    EXPECT_THAT(refusal(changed(file, place, value)), HasSubstr(sentence)) << place;
  };
  expect(words(), "/model/unk_token", "[unk]", "has no [unk]");
  expect(words(), "/added_tokens/0/id", 1, "'[PAD]' has the id 0 and the id 1");
  expect(words(), "/added_tokens/0/id", -1, "id is -1, and a whole number");
  expect(words(), "/added_tokens/0/id", 4'000'000'000, "ids run from 0 to");
  expect(words(), "/added_tokens/0/content", nullptr, "content is null, and a text is expected");
  expect(words(), "/normalizer/lowercase", nullptr, "lowercase is null, and true or false");
  expect(words(), "/normalizer/lowercase", "no", "lowercase is \"no\"");
  expect(words(), "/model/vocab", json::array(), "vocab should be a JSON object of pieces");
  expect(words(), "/model/max_input_chars_per_word", -1, "is -1");
  expect(words(), "/post_processor/special_tokens/[CLS]/ids", {2, 3}, "one id is expected");
  expect(words(), "/post_processor/special_tokens/[CLS]/ids", {3}, "in the vocabulary 2");
  expect(words(), "/post_processor/special_tokens", nullptr, "a list is expected");
  expect(words(), "/post_processor/single/1/Sequence/type_id", 1, "segment 0");
  expect(words(), "/post_processor/single/1/Sequence/id", "B", "the text is expected");
  expect(words(), "/post_processor/single", json::array(), "has 0 parts");
  expect(words(), "/post_processor/single/0", "[CLS]", "a special token is expected");
  expect(pairs(), "/post_processor/sep", {"</s>"}, "a token and its id");
  expect(pairs(), "/post_processor/sep", {"</s>", 3}, "in the vocabulary 2");
  expect(pairs(), "/model/merges", {"a b c"}, "two pieces");
  expect(pairs(), "/model/merges", json::parse(R"([["a"]])"), "a pair of pieces");
  expect(pairs(), "/model/merges", json::parse(R"([["a", "x"]])"), "'x' is not in the vocabulary");
  expect(pairs(), "/model/vocab/<pad>", nullptr, "is not a whole number");
  EXPECT_THAT(refusal(json::array()), HasSubstr("model is null"));
  EXPECT_THAT(error_of([] { tokenizer_from_json("{\"a\": 1e999}", "tokenizer.json"); }),
              StartsWith("tokenizer.json is not valid JSON"));
  EXPECT_THAT(error_of([] { tokenizer_from_json(std::string(1 << 20, '['), "tokenizer.json"); }),
              StartsWith("tokenizer.json is nested more than"));
}

TEST(Mutation, TokenizersOfJson) {
  for (const std::string& good : {words().dump(), pairs().dump()})
    formats::survivors(good, words().dump(), [](const std::string& text) {
      tokenizer_from_json(text, "x")->pieces("The [SEP] there é abba? 我");
    });
}

TEST(Mutation, VocabulariesAndMerges) {
  const TemporaryFolder folder;
  const std::string pieces = pairs()["model"]["vocab"].dump();
  const auto roberta = [&](std::string_view vocabulary, std::string_view merges) {
    write_contents(folder / "vocab.json", vocabulary);
    write_contents(folder / "merges.txt", merges);
    const EncoderConfig config = standard_encoder(TextEncoder::roberta);
    read_tokenizer(folder.path(), config)->pieces("abba?");
  };
  const std::string merges = "#version: 0.2\na b\n";
  formats::survivors(pieces, pieces, [&](const auto& text) { roberta(text + " ", merges); });
  formats::survivors(merges, merges, [&](const auto& text) { roberta(pieces, text + "\n"); });
}

}  // namespace
}  // namespace dmd
