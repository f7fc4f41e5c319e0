#include "dmd/text/word_piece.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "dmd/text/unicode_text.h"
#include "engine/error.h"

namespace dmd {
namespace {

// Control characters out, every white space a blank.
std::u32string cleaned(std::u32string_view text) {
  std::u32string out;
  for (const char32_t c : text) {
    if (c == 0 || c == 0xFFFD || is_control(c)) continue;
    out += is_white_space(c) ? U' ' : c;
  }
  return out;
}

// Ideographs between blanks.
std::u32string with_chinese_apart(std::u32string_view text) {
  std::u32string out;
  for (const char32_t c : text) {
    if (is_chinese(c))
      out += {U' ', c, U' '};
    else
      out += c;
  }
  return out;
}

// Calls `word` with each stretch between white space; a punctuation mark is a word by itself.
template <class Word>
void for_each_word(std::u32string_view text, Word word) {
  std::size_t begin = 0;
  const auto end_word = [&](std::size_t end) {
    if (end > begin) word(text.substr(begin, end - begin));
    begin = end + 1;
  };
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool is_mark = is_punctuation(text[at]);
    if (!is_mark && !is_white_space(text[at])) continue;
    end_word(at);
    if (is_mark) word(text.substr(at, 1));
  }
  end_word(text.size());
}

}  // namespace

WordPiece::WordPiece(std::string_view vocabulary, const WordPieceOptions& options,
                     std::string_view where)
    : WordPiece(Vocabulary::of_lines(vocabulary), options, {}, {}, where) {
  frame_ = frame_of(vocabulary_, kBertEnds, where);
  for (const char* token : {"[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]"})
    if (const auto id = vocabulary_.find(token)) special_.of_text.push_back({token, *id});
}

WordPiece::WordPiece(Vocabulary vocabulary, WordPieceOptions options, SpecialTokens special,
                     const Frame& frame, std::string_view where)
    : vocabulary_(std::move(vocabulary)),
      options_(std::move(options)),
      unknown_(vocabulary_.required(options_.unknown, where)),
      frame_(frame),
      special_(std::move(special)) {
  for (SpecialToken& token : special_.of_normalized) token.text = to_utf8(normalized(token.text));
  std::erase_if(special_.of_normalized,
                [](const SpecialToken& token) { return token.text.empty(); });
}

std::u32string WordPiece::normalized(std::string_view text) const {
  std::u32string out = code_points(text);
  if (options_.clean) out = cleaned(out);
  if (options_.split_chinese) out = with_chinese_apart(out);
  if (options_.strip_accents) out = without_accents(out);
  if (options_.lower_case) out = lower_case(out);
  return out;
}

std::vector<std::int32_t> WordPiece::pieces(std::string_view text) const {
  std::vector<std::int32_t> ids;
  for (const TextPart& part : split_at(special_.of_text, text)) {
    if (part.token)
      ids.push_back(part.token->id);
    else
      append_words(part.text, ids);
  }
  return ids;
}

void WordPiece::append_words(std::string_view text, std::vector<std::int32_t>& ids) const {
  const std::string plain = to_utf8(normalized(text));
  for (const TextPart& part : split_at(special_.of_normalized, plain)) {
    if (part.token)
      ids.push_back(part.token->id);
    else
      for_each_word(code_points(part.text),
                    [&](std::u32string_view word) { append_word(word, ids); });
  }
}

void WordPiece::append_word(std::u32string_view word, std::vector<std::int32_t>& ids) const {
  const std::size_t first = ids.size();
  const auto give_up = [&] {
    ids.resize(first);
    ids.push_back(unknown_);
  };
  if (word.size() > options_.longest_word) return give_up();
  for (std::size_t begin = 0; begin < word.size();) {
    std::size_t end = word.size();
    std::optional<std::int32_t> found;
    for (; end > begin; --end) {
      const std::string piece = to_utf8(word.substr(begin, end - begin));
      found = vocabulary_.find(begin == 0 ? piece : options_.prefix + piece);
      if (found) break;
    }
    if (!found) return give_up();
    ids.push_back(*found);
    begin = end;
  }
}

}  // namespace dmd
