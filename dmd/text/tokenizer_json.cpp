#include "dmd/text/tokenizer_json.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "dmd/text/byte_pair.h"
#include "dmd/text/word_piece.h"
#include "engine/error.h"
#include "engine/io/json_text.h"
#include "engine/io/utf8.h"

namespace dmd {
namespace {

using nlohmann::json;
using trine::io::printable;

std::string shown(const json& value) {
  return printable(value.dump(-1, ' ', false, json::error_handler_t::replace));
}

// A part of the file, and what it is called in messages: "DIR/tokenizer.json: its normalizer".
struct Part {
  const json& value;
  std::string where;

  bool is_null() const { return value.is_null(); }

  // Null where it is missing: the two mean the same.
  Part at(const char* key) const {
    static const json kNull;
    const auto found = value.is_object() ? value.find(key) : value.end();
    const bool is_there = value.is_object() && found != value.end();
    return {is_there ? *found : kNull, fmt::format("{}, {}", where, key)};
  }

  [[noreturn]] void refuse(std::string_view expected) const {
    trine::fail("{} is {}, and {} is expected", where, shown(value), expected);
  }

  bool flag() const {
    if (!value.is_boolean()) refuse("true or false");
    return value.get<bool>();
  }
  bool flag(bool otherwise) const { return is_null() ? otherwise : flag(); }

  std::string text() const {
    if (!value.is_string()) refuse("a text");
    return value.get<std::string>();
  }
  std::string text(const char* otherwise) const { return is_null() ? otherwise : text(); }

  std::int64_t count() const {
    if (!value.is_number_unsigned() || value.get<std::uint64_t>() > INT64_MAX)
      refuse("a whole number, 0 or more,");
    return value.get<std::int64_t>();
  }

  std::vector<Part> items() const {
    if (!value.is_array()) refuse("a list");
    std::vector<Part> parts;
    for (std::size_t i = 0; i < value.size(); ++i)
      parts.push_back({value[i], fmt::format("{} {}", where, i)});
    return parts;
  }

  // "" for null.
  std::string type() const { return is_null() ? "" : at("type").text(); }

  // For options that are computed for one value alone; what is missing or null counts as that.
  void must_be(const json& only, const json& or_this) const {
    if (!is_null() && value != only && value != or_this)
      trine::fail("{} is {}, which is not computed here: choose another tokenizer", where,
                  shown(value));
  }
};

[[noreturn]] void refuse_type(const Part& part, std::string_view known) {
  trine::fail("{} is {}, and only {} are computed here: choose another tokenizer", part.where,
              part.is_null() ? "null" : printable(part.type()), known);
}

// ---- Tokens ----

SpecialToken special_token(const Part& part) {
  return {.text = part.at("content").text(),
          .id = static_cast<std::int32_t>(part.at("id").count()),
          .takes_space_before = part.at("lstrip").flag(false),
          .takes_space_after = part.at("rstrip").flag(false),
          .is_word = part.at("single_word").flag(false)};
}

// Added to the vocabulary where they are new.
SpecialTokens special_tokens(const Part& root, Vocabulary& vocabulary) {
  SpecialTokens tokens;
  const Part list = root.at("added_tokens");
  if (list.is_null()) return tokens;
  for (const Part& part : list.items()) {
    const std::string text = part.at("content").text();
    vocabulary.add_token(text, part.at("id").count(), part.where);
    if (text.empty()) continue;
    const bool is_special = part.at("special").flag(false);
    const bool is_normalized = part.at("normalized").flag(!is_special);
    (is_normalized ? tokens.of_normalized : tokens.of_text).push_back(special_token(part));
  }
  return tokens;
}

std::int32_t known_id(const Vocabulary& vocabulary, const std::string& token, std::int64_t id,
                      const Part& part) {
  const std::int32_t known = vocabulary.required(token, part.where);
  if (known != id)
    trine::fail("{}: '{}' has the id {}, and in the vocabulary {}", part.where, printable(token),
                id, known);
  return known;
}

// ---- What stands around a text ----

// ["[SEP]", 102]
std::int32_t token_of_pair(const Part& part, const Vocabulary& vocabulary) {
  const std::vector<Part> items = part.items();
  if (items.size() != 2) part.refuse("a token and its id");
  return known_id(vocabulary, items[0].text(), items[1].count(), part);
}

// A step of a template, with its only key: {"SpecialToken": {...}} or {"Sequence": {...}}.
Part step(const Part& part, const char* key, std::string_view expected) {
  const Part inner = part.at(key);
  if (!inner.value.is_object()) part.refuse(expected);
  if (inner.at("type_id").count() != 0)
    trine::fail("{}: a text alone is of segment 0 here, and not of {}", part.where,
                inner.at("type_id").count());
  return inner;
}

std::int32_t token_of_step(const Part& processor, const Part& part, const Vocabulary& vocabulary) {
  const std::string name = step(part, "SpecialToken", "a special token").at("id").text();
  const Part token = processor.at("special_tokens").at(name.c_str());
  const Part ids = token.at("ids");
  const std::vector<Part> items = ids.items();
  if (items.size() != 1) ids.refuse("one id");
  return known_id(vocabulary, name, items.front().count(), token);
}

void take_template(const Part& processor, const Vocabulary& vocabulary, Tokenizer::Frame& frame) {
  const Part single = processor.at("single");
  const std::vector<Part> steps = single.items();
  if (steps.size() != 3)
    trine::fail("{} has {} parts, and a token, the text and a token are expected", single.where,
                steps.size());
  frame.begin = token_of_step(processor, steps[0], vocabulary);
  if (step(steps[1], "Sequence", "the text").at("id").text() != "A") steps[1].refuse("the text");
  frame.end = token_of_step(processor, steps[2], vocabulary);
}

std::int32_t padding_of(const Part& root, const Vocabulary& vocabulary, const EndNames& usual) {
  const Part padding = root.at("padding");
  if (padding.is_null()) return vocabulary.required(usual.padding, root.where);
  return known_id(vocabulary, padding.at("pad_token").text(), padding.at("pad_id").count(),
                  padding);
}

// `usual` are the ends where the file says none.
Tokenizer::Frame frame_of(const Part& root, const Vocabulary& vocabulary, const EndNames& usual) {
  Tokenizer::Frame frame{};
  const Part processor = root.at("post_processor");
  const std::string type = processor.type();
  if (type.empty() || type == "ByteLevel") {
    frame.begin = vocabulary.required(usual.begin, root.where);
    frame.end = vocabulary.required(usual.end, root.where);
  } else if (type == "BertProcessing" || type == "RobertaProcessing") {
    frame.begin = token_of_pair(processor.at("cls"), vocabulary);
    frame.end = token_of_pair(processor.at("sep"), vocabulary);
  } else if (type == "TemplateProcessing") {
    take_template(processor, vocabulary, frame);
  } else {
    refuse_type(processor, "TemplateProcessing, BertProcessing, RobertaProcessing and ByteLevel");
  }
  frame.padding = padding_of(root, vocabulary, usual);
  return frame;
}

// ---- BERT's ----

void take_normalizer(const Part& normalizer, WordPieceOptions& options) {
  options.clean = options.lower_case = options.strip_accents = options.split_chinese = false;
  if (normalizer.is_null()) return;
  if (normalizer.type() != "BertNormalizer") refuse_type(normalizer, "BertNormalizer and null");
  options.clean = normalizer.at("clean_text").flag();
  options.split_chinese = normalizer.at("handle_chinese_chars").flag();
  options.lower_case = normalizer.at("lowercase").flag();
}

WordPieceOptions word_piece_options(const Part& root, const TokenizerSettings& settings) {
  WordPieceOptions options;
  const Part normalizer = root.at("normalizer"), model = root.at("model");
  take_normalizer(normalizer, options);
  options.lower_case = settings.lower_case.value_or(options.lower_case);
  options.split_chinese = settings.split_chinese.value_or(options.split_chinese);
  options.strip_accents = settings.strip_accents.value_or(
      normalizer.at("strip_accents").flag(options.lower_case && !normalizer.is_null()));
  options.prefix = model.at("continuing_subword_prefix").text("##");
  options.unknown = model.at("unk_token").text("[UNK]");
  if (const Part longest = model.at("max_input_chars_per_word"); !longest.is_null())
    options.longest_word = static_cast<std::size_t>(longest.count());
  return options;
}

std::unique_ptr<Tokenizer> word_piece(const Part& root, const TokenizerSettings& settings) {
  const Part cutter = root.at("pre_tokenizer"), words = root.at("model").at("vocab");
  if (cutter.type() != "BertPreTokenizer") refuse_type(cutter, "WordPieces of BertPreTokenizer");
  Vocabulary vocabulary = Vocabulary::of_json(words.value, words.where);
  SpecialTokens special = special_tokens(root, vocabulary);
  const Tokenizer::Frame frame = frame_of(root, vocabulary, kBertEnds);
  return std::make_unique<WordPiece>(std::move(vocabulary), word_piece_options(root, settings),
                                     std::move(special), frame, root.where);
}

// ---- RoBERTa's ----

Merges merges_of(const Part& list) {
  Merges merges;
  for (const Part& part : list.items()) {
    if (part.value.is_string()) {
      merges.push_back(pair_of(part.text(), part.where));
      continue;
    }
    const std::vector<Part> items = part.items();
    if (items.size() != 2) part.refuse("a pair of pieces");
    merges.emplace_back(items[0].text(), items[1].text());
  }
  return merges;
}

BytePairOptions byte_pair_options(const Part& root, const TokenizerSettings& settings) {
  const Part cutter = root.at("pre_tokenizer"), model = root.at("model");
  if (cutter.type() != "ByteLevel") refuse_type(cutter, "pairs of ByteLevel");
  if (!root.at("normalizer").is_null()) refuse_type(root.at("normalizer"), "pairs without one");
  cutter.at("use_regex").must_be(true, true);
  model.at("dropout").must_be(0.0, 0.0);
  model.at("continuing_subword_prefix").must_be("", "");
  model.at("end_of_word_suffix").must_be("", "");
  model.at("fuse_unk").must_be(false, false);
  model.at("byte_fallback").must_be(false, false);
  return {.blank_before = settings.blank_before.value_or(cutter.at("add_prefix_space").flag()),
          .whole_words = model.at("ignore_merges").flag(false),
          .unknown = model.at("unk_token").text("")};
}

std::unique_ptr<Tokenizer> byte_pair(const Part& root, const TokenizerSettings& settings) {
  const Part model = root.at("model"), words = model.at("vocab");
  const BytePairOptions options = byte_pair_options(root, settings);
  Vocabulary vocabulary = Vocabulary::of_json(words.value, words.where);
  const Merges merges = merges_of(model.at("merges"));
  SpecialTokens special = special_tokens(root, vocabulary);
  const Tokenizer::Frame frame = frame_of(root, vocabulary, kRobertaEnds);
  return std::make_unique<BytePair>(std::move(vocabulary), merges, options, std::move(special),
                                    frame, root.where);
}

// Early files do not name the type of their model.
std::string model_type(const Part& model) {
  if (!model.value.is_object()) model.refuse("an object with a vocabulary");
  if (!model.at("type").is_null()) return model.type();
  return model.at("merges").is_null() ? "WordPiece" : "BPE";
}

}  // namespace

std::unique_ptr<Tokenizer> tokenizer_from_json(std::string_view text, std::string_view where,
                                               const TokenizerSettings& settings) {
  const json file = trine::io::parsed_json(text, where);
  const Part root{file, std::string(where)};
  const std::string type = model_type(root.at("model"));
  if (type == "WordPiece") return word_piece(root, settings);
  if (type == "BPE") return byte_pair(root, settings);
  trine::fail(
      "{}, model is {}, and only WordPiece and BPE are computed here: choose another "
      "tokenizer",
      where, printable(type));
}

}  // namespace dmd
