#include "dmd/text/tokenizer.h"

#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "dmd/config/json_object.h"
#include "dmd/text/byte_pair.h"
#include "dmd/text/tokenizer_json.h"
#include "dmd/text/word_piece.h"
#include "engine/error.h"
#include "engine/io/mapped_file.h"

namespace dmd {
namespace {

namespace fs = std::filesystem;

using trine::io::SharedBytes;

SharedBytes read_part(const fs::path& folder, const char* name, const EncoderConfig& config) {
  if (!fs::exists(folder / name))
    trine::fail(
        "{} holds no vocabulary: a {} encoder's tokenizer is read from tokenizer.json or from {}, "
        "which is missing",
        folder.string(), name_of(config.kind), name);
  return trine::io::map_file(folder / name);
}

// A switch that may be missing or null.
std::optional<bool> switch_in(const nlohmann::ordered_json& object, const char* key,
                              std::string_view where) {
  const auto found = object.find(key);
  if (found == object.end() || found->is_null()) return std::nullopt;
  if (!found->is_boolean())
    trine::fail("{}: {} should be true or false, not {}", where, key, shown(*found));
  return found->get<bool>();
}

TokenizerSettings read_settings(const fs::path& folder) {
  const fs::path file = folder / "tokenizer_config.json";
  if (!fs::exists(file)) return {};
  const SharedBytes bytes = trine::io::map_file(file);
  const auto object = parsed_object(trine::io::text_of(bytes.view), file.string());
  const auto read = [&](const char* key) { return switch_in(object, key, file.string()); };
  return {.lower_case = read("do_lower_case"),
          .strip_accents = read("strip_accents"),
          .split_chinese = read("tokenize_chinese_chars"),
          .blank_before = read("add_prefix_space")};
}

WordPieceOptions word_piece_options(const TokenizerSettings& settings) {
  WordPieceOptions options;
  options.lower_case = settings.lower_case.value_or(true);
  options.strip_accents = settings.strip_accents.value_or(options.lower_case);
  options.split_chinese = settings.split_chinese.value_or(true);
  return options;
}

std::unique_ptr<Tokenizer> read_any(const fs::path& folder, const EncoderConfig& config) {
  const auto part = [&](const char* name) { return read_part(folder, name, config); };
  const TokenizerSettings settings = read_settings(folder);
  if (const fs::path whole = folder / "tokenizer.json"; fs::exists(whole)) {
    const SharedBytes bytes = trine::io::map_file(whole);
    return tokenizer_from_json(trine::io::text_of(bytes.view), whole.string(), settings);
  }
  if (config.kind == TextEncoder::roberta) {
    const auto vocabulary = part("vocab.json"), merges = part("merges.txt");
    return std::make_unique<BytePair>(
        trine::io::text_of(vocabulary.view), trine::io::text_of(merges.view),
        BytePairOptions{.blank_before = settings.blank_before.value_or(false), .unknown = "<unk>"},
        folder.string());
  }
  const auto vocabulary = part("vocab.txt");
  return std::make_unique<WordPiece>(trine::io::text_of(vocabulary.view),
                                     word_piece_options(settings), (folder / "vocab.txt").string());
}

}  // namespace

Tokenizer::Frame frame_of(const Vocabulary& vocabulary, const EndNames& names,
                          std::string_view where) {
  return {vocabulary.required(names.begin, where), vocabulary.required(names.end, where),
          vocabulary.required(names.padding, where)};
}

std::unique_ptr<Tokenizer> read_tokenizer(const fs::path& folder, const EncoderConfig& config) {
  std::unique_ptr<Tokenizer> tokenizer = read_any(folder, config);
  if (tokenizer->size() > config.vocab_size)
    trine::fail(
        "{}: the vocabulary has {} entries, and config.json's vocab_size makes an embedding of {} "
        "rows: they are not of one model",
        folder.string(), tokenizer->size(), config.vocab_size);
  return tokenizer;
}

Tokens framed_tokens(const Tokenizer& tokenizer, std::string_view text, std::int64_t length) {
  if (length < 2) trine::fail("a text of {} tokens has no room for its two ends", length);
  const Tokenizer::Frame frame = tokenizer.frame();
  std::vector<std::int32_t> ids = tokenizer.pieces(text);
  const auto room = static_cast<std::size_t>(length);
  ids.resize(std::min(ids.size(), room - 2));
  ids.insert(ids.begin(), frame.begin);
  ids.push_back(frame.end);

  Tokens tokens{.n = 1, .tokens = length};
  tokens.mask.assign(ids.size(), 1);
  tokens.mask.resize(room, 0);
  ids.resize(room, frame.padding);
  tokens.ids = std::move(ids);
  tokens.segments.assign(room, 0);
  return tokens;
}

}  // namespace dmd
