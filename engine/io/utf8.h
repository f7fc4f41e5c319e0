// UTF-8, by code point.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace trine::io {

// Reads one code point and moves `at` behind it; nullopt where the bytes there are not UTF-8
// (cut short, longer than need be, a surrogate, or beyond U+10FFFF).
std::optional<char32_t> next_code_point(std::string_view text, std::size_t& at);

bool is_utf8(std::string_view text);

// The text behind the mark that programs of Windows put in front of UTF-8, where there is one.
std::string_view without_byte_order_mark(std::string_view text);

// False, and nothing appended, where `point` is not a character that UTF-8 can hold.
bool append_utf8(std::string& text, char32_t point);

// The text with U+FFFD in the place of each byte that is not UTF-8, and of each half of a surrogate
// pair, which Python's strings may hold.
std::string repaired_utf8(std::string_view text);

// For messages: at most `most` bytes, cut between characters ("..." follows), with control
// characters and bytes that are not UTF-8 shown as question marks.
std::string printable(std::string_view text, std::size_t most = 60);

}  // namespace trine::io
