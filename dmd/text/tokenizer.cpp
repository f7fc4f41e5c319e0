#include "dmd/text/tokenizer.h"

#include <string>

#include <nlohmann/json.hpp>

#include "dmd/config/json_object.h"
#include "dmd/text/byte_pair.h"
#include "dmd/text/word_piece.h"
#include "engine/error.h"
#include "engine/io/mapped_file.h"

namespace dmd {
namespace {

namespace fs = std::filesystem;

trine::io::SharedBytes read_part(const fs::path& folder, const char* name,
                                 const EncoderConfig& config) {
  if (!fs::exists(folder / name))
    trine::fail(
        "{} holds no vocabulary: a {} encoder's tokenizer is read from {}, which is missing",
        folder.string(), name_of(config.kind), name);
  return trine::io::map_file(folder / name);
}

// A switch of tokenizer_config.json that may be missing or null.
bool switch_in(const nlohmann::ordered_json& object, const char* key, bool otherwise) {
  const auto found = object.find(key);
  return found == object.end() || !found->is_boolean() ? otherwise : found->get<bool>();
}

WordPieceOptions word_piece_options(const fs::path& folder) {
  const fs::path file = folder / "tokenizer_config.json";
  if (!fs::exists(file)) return {};
  const trine::io::SharedBytes bytes = trine::io::map_file(file);
  const auto object = parsed_object(trine::io::text_of(bytes.view), file.string());
  const bool lower = switch_in(object, "do_lower_case", true);
  return {.lower_case = lower,
          .strip_accents = switch_in(object, "strip_accents", lower),
          .split_chinese = switch_in(object, "tokenize_chinese_chars", true)};
}

std::unique_ptr<Tokenizer> read_either(const fs::path& folder, const EncoderConfig& config) {
  const auto part = [&](const char* name) { return read_part(folder, name, config); };
  if (config.kind == TextEncoder::roberta) {
    const auto vocabulary = part("vocab.json"), merges = part("merges.txt");
    return std::make_unique<BytePair>(trine::io::text_of(vocabulary.view),
                                      trine::io::text_of(merges.view), folder.string());
  }
  const auto vocabulary = part("vocab.txt");
  return std::make_unique<WordPiece>(trine::io::text_of(vocabulary.view),
                                     word_piece_options(folder), (folder / "vocab.txt").string());
}

}  // namespace

std::unique_ptr<Tokenizer> read_tokenizer(const fs::path& folder, const EncoderConfig& config) {
  std::unique_ptr<Tokenizer> tokenizer = read_either(folder, config);
  if (tokenizer->size() != config.vocab_size)
    trine::fail(
        "{}: the vocabulary has {} entries and config.json says vocab_size = {}: they are not of "
        "one model",
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
