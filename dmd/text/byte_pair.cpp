#include "dmd/text/byte_pair.h"

#include <array>
#include <limits>
#include <memory>

#include <fmt/format.h>
#include <unicode/regex.h>
#include <nlohmann/json.hpp>

#include "dmd/text/text_lines.h"
#include "dmd/text/unicode_text.h"
#include "engine/error.h"
#include "engine/io/json_text.h"
#include "engine/io/utf8.h"

namespace dmd {
namespace {

// Letters and numbers of Unicode 16, as Oniguruma has them in Hugging Face's tokenizers: those that
// ICU knows, and those that came after Unicode 15, which it may not know.
constexpr const char16_t* kLetters =
    uR"([[\p{L}&&\p{age=16.0}]\u1C89-\u1C8A\uA7CB-\uA7CD\uA7DA-\uA7DC\U000105C0-\U000105F3)"
    uR"(\U00010D4A-\U00010D65\U00010D6F-\U00010D85\U00010EC2-\U00010EC4\U00011380-\U00011389)"
    uR"(\U0001138B\U0001138E\U00011390-\U000113B5\U000113B7\U000113D1\U000113D3)"
    uR"(\U00011BC0-\U00011BE0\U00013460-\U000143FA\U00016100-\U0001611D\U00016D40-\U00016D6C)"
    uR"(\U00018CFF\U0001E5D0-\U0001E5ED\U0001E5F0\U0002EBF0-\U0002EE5D])";
constexpr const char16_t* kNumbers =
    uR"([[\p{N}&&\p{age=16.0}]\U00010D40-\U00010D49\U000116D0-\U000116E3\U00011BF0-\U00011BF9)"
    uR"(\U00016130-\U00016139\U00016D70-\U00016D79\U0001CCF0-\U0001CCF9\U0001E5F1-\U0001E5FA])";

// How GPT-2 cuts a text into words: contractions, then letters, numbers and other signs, each with
// the blank before it, then white space.
icu::UnicodeString words() {
  icu::UnicodeString pattern(u"'s|'t|'re|'ve|'m|'ll|'d");
  pattern.append(u"| ?").append(kLetters).append(u"+| ?").append(kNumbers);
  pattern.append(uR"(+| ?[^\p{White_Space})").append(kLetters).append(kNumbers);
  return pattern.append(uR"(]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+)");
}

const icu::RegexPattern& word_pattern() {
  static const std::unique_ptr<icu::RegexPattern> kPattern = [] {
    UErrorCode status = U_ZERO_ERROR;
    UParseError place;
    std::unique_ptr<icu::RegexPattern> pattern(icu::RegexPattern::compile(words(), place, status));
    if (U_FAILURE(status)) trine::fail("ICU refuses a pattern: {}", u_errorName(status));
    return pattern;
  }();
  return *kPattern;
}

// The printable character that stands for each byte: itself where it has one in Latin-1, else one
// of those from U+0100 on, in order.
std::array<std::string, 256> byte_characters() {
  std::array<std::string, 256> characters;
  char32_t next = 0x100;
  for (char32_t byte = 0; byte < 256; ++byte) {
    const bool is_printable = (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte != 0xAD);
    characters[byte] = to_utf8(std::u32string(1, is_printable ? byte : next++));
  }
  return characters;
}

std::vector<std::string> characters_of(std::string_view word) {
  static const std::array<std::string, 256> kCharacters = byte_characters();
  std::vector<std::string> parts;
  for (const char c : word) parts.push_back(kCharacters[static_cast<unsigned char>(c)]);
  return parts;
}

Vocabulary vocabulary_of(std::string_view text, std::string_view where) {
  return Vocabulary::of_json(trine::io::parsed_json(text, where), where);
}

}  // namespace

Merges merges_of_lines(std::string_view text, std::string_view where) {
  Merges merges;
  std::size_t number = 0;
  for (const std::string_view line : lines_of(text)) {
    ++number;
    if (line.empty() || line.starts_with("#version")) continue;
    merges.push_back(pair_of(line, fmt::format("{}, line {}", where, number)));
  }
  return merges;
}

std::pair<std::string, std::string> pair_of(std::string_view text, std::string_view where) {
  const std::size_t blank = text.find(' ');
  if (blank == 0 || blank == text.npos || blank + 1 == text.size() || blank != text.rfind(' '))
    trine::fail("{}: two pieces with a blank between are expected, and '{}' is not", where,
                trine::io::printable(text));
  return {std::string(text.substr(0, blank)), std::string(text.substr(blank + 1))};
}

BytePair::BytePair(std::string_view vocabulary, std::string_view merges, BytePairOptions options,
                   std::string_view where)
    : BytePair(vocabulary_of(vocabulary, fmt::format("{}: vocab.json", where)),
               merges_of_lines(merges, fmt::format("{}: merges.txt", where)), std::move(options),
               {}, {}, where) {
  frame_ = frame_of(vocabulary_, kRobertaEnds, where);
  for (const char* token : {"<s>", "</s>", "<pad>", "<unk>"})
    special_.of_text.push_back({token, vocabulary_.required(token, where)});
  if (const auto mask = vocabulary_.find("<mask>"))
    special_.of_text.push_back({"<mask>", *mask, /*takes_space_before=*/true});
}

BytePair::BytePair(Vocabulary vocabulary, const Merges& merges, BytePairOptions options,
                   SpecialTokens special, const Frame& frame, std::string_view where)
    : vocabulary_(std::move(vocabulary)),
      options_(std::move(options)),
      frame_(frame),
      special_(std::move(special)) {
  if (!options_.unknown.empty()) unknown_ = vocabulary_.required(options_.unknown, where);
  for (const auto& [left, right] : merges) {
    for (const std::string& piece : {left, right, left + right})
      if (!vocabulary_.find(piece))
        trine::fail(
            "{}: '{}' and '{}' are joined, and '{}' is not in the vocabulary: they are not "
            "of one model",
            where, trine::io::printable(left), trine::io::printable(right),
            trine::io::printable(piece));
    ranks_.try_emplace({left, right}, ranks_.size());
  }
}

std::vector<std::int32_t> BytePair::pieces(std::string_view text) const {
  std::vector<std::int32_t> ids;
  for (const TextPart& part : split_at(special_.of_text, text)) {
    if (part.token) {
      ids.push_back(part.token->id);
      continue;
    }
    for (const TextPart& inner : split_at(special_.of_normalized, part.text)) {
      if (inner.token)
        ids.push_back(inner.token->id);
      else
        append_words(inner.text, ids);
    }
  }
  return ids;
}

void BytePair::append_words(std::string_view text, std::vector<std::int32_t>& ids) const {
  icu::UnicodeString unicode = icu::UnicodeString::fromUTF8(
      icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())));
  if (options_.blank_before && !unicode.startsWith(u" ")) unicode.insert(0, u' ');
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<icu::RegexMatcher> words(word_pattern().matcher(unicode, status));
  while (words && words->find(status)) {
    std::string word;
    words->group(status).toUTF8String(word);
    append_word(word, ids);
  }
  if (U_FAILURE(status)) trine::fail("ICU cannot cut a text: {}", u_errorName(status));
}

// Joins the pair that training joined first, wherever it stands, until no pair is known.
void BytePair::append_word(std::string_view word, std::vector<std::int32_t>& ids) const {
  std::vector<std::string> parts = characters_of(word);
  if (options_.whole_words) {
    std::string whole;
    for (const std::string& part : parts) whole += part;
    if (const auto id = vocabulary_.find(whole)) return ids.push_back(*id);
  }
  if (!unknown_) std::erase_if(parts, [&](const auto& part) { return !vocabulary_.find(part); });
  while (parts.size() > 1) {
    std::size_t best = std::numeric_limits<std::size_t>::max(), at = 0;
    for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
      const auto rank = ranks_.find({parts[i], parts[i + 1]});
      if (rank == ranks_.end() || rank->second >= best) continue;
      best = rank->second;
      at = i;
    }
    if (best == std::numeric_limits<std::size_t>::max()) break;
    parts[at] += parts[at + 1];
    parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(at) + 1);
  }
  for (const std::string& part : parts)
    if (const auto id = vocabulary_.find(part); id || unknown_) ids.push_back(id ? *id : *unknown_);
}

}  // namespace dmd
