// Tokens that stand for themselves: a text that spells one out, such as "[SEP]", holds that token.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dmd {

struct SpecialToken {
  std::string text;
  std::int32_t id;
  bool takes_space_before = false, takes_space_after = false;  // white space that belongs to it
  bool is_word = false;  // no letter, digit or underscore may touch it
};

// Those of a tokenizer. The first are looked for in a text as it is, the others in what the
// tokenizer's normalizer makes of the parts between.
struct SpecialTokens {
  std::vector<SpecialToken> of_text, of_normalized;
};

// A stretch of text to be cut, or a special token (then `text` is empty).
struct TextPart {
  std::string_view text;
  const SpecialToken* token = nullptr;
};

// Parts of `text` in their order; both arguments must outlive them. Of tokens that begin at one
// place the longest counts.
std::vector<TextPart> split_at(const std::vector<SpecialToken>& tokens, std::string_view text);

}  // namespace dmd
