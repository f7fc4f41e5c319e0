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
  bool takes_space_before = false;  // white space to the left of it belongs to it
};

// A stretch of text to be cut, or a special token (then `text` is empty).
struct TextPart {
  std::string_view text;
  const SpecialToken* token = nullptr;
};

// Parts of `text` in their order; both arguments must outlive them.
std::vector<TextPart> split_at(const std::vector<SpecialToken>& tokens, std::string_view text);

}  // namespace dmd
