#include "dmd/text/special_tokens.h"

#include <algorithm>

#include "dmd/text/unicode_text.h"

namespace dmd {
namespace {

struct Found {
  std::size_t at = std::string_view::npos;
  const SpecialToken* token = nullptr;

  std::size_t end() const { return at + token->text.size(); }
};

Found first_of(const std::vector<SpecialToken>& tokens, std::string_view text, std::size_t from) {
  Found first;
  for (const SpecialToken& token : tokens) {
    const std::size_t at = text.find(token.text, from);
    if (at == std::string_view::npos) continue;
    const bool is_longer = first.token && token.text.size() > first.token->text.size();
    if (at < first.at || (at == first.at && is_longer)) first = {at, &token};
  }
  return first;
}

bool is_inside(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// The character that ends a text, and the one that begins it: text that is not empty.
std::string_view last_of(std::string_view text) {
  std::size_t begin = text.size() - 1;
  while (begin > 0 && is_inside(text[begin])) --begin;
  return text.substr(begin);
}

std::string_view first_of(std::string_view text) {
  std::size_t end = 1;
  while (end < text.size() && is_inside(text[end])) ++end;
  return text.substr(0, end);
}

template <class Is>
bool is_one(std::string_view character, Is is) {
  const std::u32string c = code_points(character);
  return c.size() == 1 && is(c.front());
}

bool stands_alone(const Found& found, std::string_view text) {
  const std::string_view before = text.substr(0, found.at), after = text.substr(found.end());
  return (before.empty() || !is_one(last_of(before), is_word_part)) &&
         (after.empty() || !is_one(first_of(after), is_word_part));
}

// Where the white space begins that ends in `at`, not before `least`; and where that ends which
// begins in `at`.
std::size_t space_before(std::string_view text, std::size_t at, std::size_t least) {
  while (at > least) {
    const std::string_view last = last_of(text.substr(0, at));
    if (!is_one(last, is_white_space)) break;
    at -= last.size();
  }
  return std::max(at, least);
}

std::size_t space_after(std::string_view text, std::size_t at) {
  while (at < text.size()) {
    const std::string_view first = first_of(text.substr(at));
    if (!is_one(first, is_white_space)) break;
    at += first.size();
  }
  return at;
}

}  // namespace

std::vector<TextPart> split_at(const std::vector<SpecialToken>& tokens, std::string_view text) {
  std::vector<TextPart> parts;
  std::size_t done = 0;
  const auto add_text = [&](std::size_t end) {
    if (end > done) parts.push_back({text.substr(done, end - done), nullptr});
  };
  std::size_t from = 0;
  for (Found found = first_of(tokens, text, 0); found.token; found = first_of(tokens, text, from)) {
    from = found.end();
    if (found.token->is_word && !stands_alone(found, text)) continue;
    add_text(found.token->takes_space_before ? space_before(text, found.at, done) : found.at);
    parts.push_back({{}, found.token});
    if (found.token->takes_space_after) from = space_after(text, from);
    done = from;
  }
  add_text(text.size());
  return parts;
}

}  // namespace dmd
