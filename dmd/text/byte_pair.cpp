#include "dmd/text/byte_pair.h"

#include <array>
#include <limits>
#include <memory>

#include <unicode/regex.h>
#include <nlohmann/json.hpp>

#include "dmd/text/unicode_text.h"
#include "engine/error.h"

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

}  // namespace

BytePair::BytePair(std::string_view vocabulary, std::string_view merges, std::string_view where) {
  try {
    ids_ = nlohmann::json::parse(vocabulary).get<decltype(ids_)>();
  } catch (const nlohmann::json::exception&) {
    trine::fail("{}: vocab.json should be a JSON object of pieces and their ids", where);
  }
  read_merges(merges, where);
  frame_ = {required("<s>", where), required("</s>", where), required("<pad>", where)};
  unknown_ = required("<unk>", where);
  if (const auto mask = ids_.find("<mask>"); mask != ids_.end())
    special_.push_back({mask->first, mask->second, /*takes_space_before=*/true});
}

void BytePair::read_merges(std::string_view merges, std::string_view where) {
  while (!merges.empty()) {
    const std::size_t end = std::min(merges.find('\n'), merges.size());
    const std::string_view line = merges.substr(0, end);
    merges.remove_prefix(std::min(end + 1, merges.size()));
    if (line.empty() || line.starts_with("#version")) continue;
    const std::size_t blank = line.find(' ');
    if (blank == std::string_view::npos)
      trine::fail("{}: each line of merges.txt should be two pieces, and '{}' is not", where, line);
    ranks_.try_emplace({std::string(line.substr(0, blank)), std::string(line.substr(blank + 1))},
                       ranks_.size());
  }
}

std::int32_t BytePair::required(const char* token, std::string_view where) {
  const auto found = ids_.find(token);
  if (found == ids_.end())
    trine::fail("{}: vocab.json has no {}: it is not that of a RoBERTa encoder", where, token);
  special_.push_back({token, found->second});
  return found->second;
}

std::vector<std::int32_t> BytePair::pieces(std::string_view text) const {
  std::vector<std::int32_t> ids;
  for (const TextPart& part : split_at(special_, text)) {
    if (part.token) {
      ids.push_back(part.token->id);
      continue;
    }
    const icu::UnicodeString unicode = icu::UnicodeString::fromUTF8(
        icu::StringPiece(part.text.data(), static_cast<std::int32_t>(part.text.size())));
    UErrorCode status = U_ZERO_ERROR;
    const std::unique_ptr<icu::RegexMatcher> words(word_pattern().matcher(unicode, status));
    while (words && words->find(status)) {
      std::string word;
      words->group(status).toUTF8String(word);
      append_word(word, ids);
    }
    if (U_FAILURE(status)) trine::fail("ICU cannot cut a text: {}", u_errorName(status));
  }
  return ids;
}

// Joins the pair that training joined first, wherever it stands, until no pair is known.
void BytePair::append_word(std::string_view word, std::vector<std::int32_t>& ids) const {
  std::vector<std::string> parts = characters_of(word);
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
  for (const std::string& part : parts) {
    const auto id = ids_.find(part);
    ids.push_back(id == ids_.end() ? unknown_ : id->second);
  }
}

}  // namespace dmd
