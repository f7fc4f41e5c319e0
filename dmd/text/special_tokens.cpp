#include "dmd/text/special_tokens.h"

#include "dmd/text/unicode_text.h"

namespace dmd {
namespace {

struct Found {
  std::size_t at = std::string_view::npos;
  const SpecialToken* token = nullptr;
};

Found first_of(const std::vector<SpecialToken>& tokens, std::string_view text) {
  Found first;
  for (const SpecialToken& token : tokens) {
    const std::size_t at = text.find(token.text);
    if (at < first.at) first = {at, &token};
  }
  return first;
}

std::string_view without_space_after(std::string_view text) {
  const auto is_inside = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; };
  while (!text.empty()) {
    std::size_t last = text.size() - 1;
    while (last > 0 && is_inside(text[last])) --last;
    const std::u32string c = code_points(text.substr(last));
    if (c.size() != 1 || !is_white_space(c.front())) break;
    text = text.substr(0, last);
  }
  return text;
}

}  // namespace

std::vector<TextPart> split_at(const std::vector<SpecialToken>& tokens, std::string_view text) {
  std::vector<TextPart> parts;
  const auto add_text = [&](std::string_view part) {
    if (!part.empty()) parts.push_back({part, nullptr});
  };
  for (Found found = first_of(tokens, text); found.token; found = first_of(tokens, text)) {
    const std::string_view before = text.substr(0, found.at);
    add_text(found.token->takes_space_before ? without_space_after(before) : before);
    parts.push_back({{}, found.token});
    text = text.substr(found.at + found.token->text.size());
  }
  add_text(text);
  return parts;
}

}  // namespace dmd
