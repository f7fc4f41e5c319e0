#include "dmd/text/word_piece.h"

#include <optional>

#include "dmd/text/unicode_text.h"
#include "engine/error.h"

namespace dmd {
namespace {

// Words of more characters are unknown as a whole.
constexpr std::size_t kLongestWord = 100;

// Without control characters, every white space a blank, ideographs between blanks.
std::u32string cleaned(std::u32string_view text, bool split_chinese) {
  std::u32string out;
  for (const char32_t c : text) {
    if (c == 0 || c == 0xFFFD || is_control(c)) continue;
    if (is_white_space(c))
      out += U' ';
    else if (split_chinese && is_chinese(c))
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
    : options_(options) {
  while (!vocabulary.empty()) {
    const std::size_t end = std::min(vocabulary.find('\n'), vocabulary.size());
    ids_[std::string(vocabulary.substr(0, end))] = static_cast<std::int32_t>(size_++);
    vocabulary.remove_prefix(std::min(end + 1, vocabulary.size()));
  }
  const auto required = [&](const char* token) {
    const auto found = ids_.find(token);
    if (found == ids_.end())
      trine::fail("{} has no {}: it is not the vocabulary of a BERT encoder", where, token);
    special_.push_back({token, found->second});
    return found->second;
  };
  unknown_ = required("[UNK]");
  frame_ = {required("[CLS]"), required("[SEP]"), required("[PAD]")};
  if (const auto mask = ids_.find("[MASK]"); mask != ids_.end())
    special_.push_back({mask->first, mask->second});
}

std::u32string WordPiece::normalized(std::string_view text) const {
  std::u32string out = cleaned(code_points(text), options_.split_chinese);
  if (options_.strip_accents) out = without_accents(out);
  if (options_.lower_case) out = lower_case(out);
  return out;
}

std::vector<std::int32_t> WordPiece::pieces(std::string_view text) const {
  std::vector<std::int32_t> ids;
  for (const TextPart& part : split_at(special_, text)) {
    if (part.token) {
      ids.push_back(part.token->id);
      continue;
    }
    for_each_word(normalized(part.text), [&](std::u32string_view word) { append_word(word, ids); });
  }
  return ids;
}

void WordPiece::append_word(std::u32string_view word, std::vector<std::int32_t>& ids) const {
  const std::size_t first = ids.size();
  const auto give_up = [&] {
    ids.resize(first);
    ids.push_back(unknown_);
  };
  if (word.size() > kLongestWord) return give_up();
  for (std::size_t begin = 0; begin < word.size();) {
    std::size_t end = word.size();
    auto found = ids_.end();
    for (; end > begin; --end) {
      const std::string piece = to_utf8(word.substr(begin, end - begin));
      found = ids_.find(begin == 0 ? piece : "##" + piece);
      if (found != ids_.end()) break;
    }
    if (end == begin) return give_up();
    ids.push_back(found->second);
    begin = end;
  }
}

}  // namespace dmd
