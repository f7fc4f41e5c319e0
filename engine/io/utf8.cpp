#include "engine/io/utf8.h"

#include <array>

namespace trine::io {
namespace {

constexpr char32_t kLast = 0x10ffff;

bool is_character(char32_t point) {
  const bool surrogate = point >= 0xd800 && point <= 0xdfff;
  return point <= kLast && !surrogate;
}

char32_t byte_at(std::string_view text, std::size_t at) {
  return static_cast<unsigned char>(text[at]);
}

}  // namespace

std::optional<char32_t> next_code_point(std::string_view text, std::size_t& at) {
  const char32_t lead = byte_at(text, at);
  if (lead < 0x80) {
    ++at;
    return lead;
  }
  const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() - at < length) return std::nullopt;

  char32_t point = lead & (0x7fu >> length);
  for (std::size_t i = 1; i < length; ++i) {
    const char32_t next = byte_at(text, at + i);
    if ((next & 0xc0) != 0x80) return std::nullopt;
    point = point << 6 | (next & 0x3f);
  }
  constexpr std::array<char32_t, 5> kSmallest{0, 0, 0x80, 0x800, 0x10000};
  if (point < kSmallest[length] || !is_character(point)) return std::nullopt;
  at += length;
  return point;
}

bool is_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    if (!next_code_point(text, at)) return false;
  }
  return true;
}

std::string_view without_byte_order_mark(std::string_view text) {
  constexpr std::string_view kMark = "\xEF\xBB\xBF";
  return text.starts_with(kMark) ? text.substr(kMark.size()) : text;
}

bool append_utf8(std::string& text, char32_t point) {
  if (!is_character(point)) return false;
  const auto add = [&text](char32_t byte) { text += static_cast<char>(byte); };
  if (point < 0x80) {
    add(point);
  } else if (point < 0x800) {
    add(0xc0 | point >> 6);
    add(0x80 | (point & 0x3f));
  } else if (point < 0x10000) {
    add(0xe0 | point >> 12);
    add(0x80 | (point >> 6 & 0x3f));
    add(0x80 | (point & 0x3f));
  } else {
    add(0xf0 | point >> 18);
    add(0x80 | (point >> 12 & 0x3f));
    add(0x80 | (point >> 6 & 0x3f));
    add(0x80 | (point & 0x3f));
  }
  return true;
}

std::string repaired_utf8(std::string_view text) {
  constexpr char32_t kReplacement = 0xfffd;
  constexpr std::size_t kSurrogateBytes = 3;
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::optional<char32_t> point = next_code_point(text, at);
    append_utf8(out, point.value_or(kReplacement));
    if (point) continue;
    const bool surrogate = text.size() - at >= kSurrogateBytes && byte_at(text, at) == 0xed &&
                           byte_at(text, at + 1) >= 0xa0 && (byte_at(text, at + 2) & 0xc0) == 0x80;
    at += surrogate ? kSurrogateBytes : 1;
  }
  return out;
}

std::string printable(std::string_view text, std::size_t most) {
  std::string out;
  std::size_t at = 0;
  while (at < text.size() && at < most) {
    const std::optional<char32_t> point = next_code_point(text, at);
    if (!point) ++at;
    const bool control = !point || *point < 0x20 || (*point >= 0x7f && *point < 0xa0);
    append_utf8(out, control ? U'?' : *point);
  }
  return at < text.size() ? out + "..." : out;
}

}  // namespace trine::io
