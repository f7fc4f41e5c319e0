// Text as code points, and what tokenizers ask of them. The answers are those of Hugging Face's
// tokenizers, whose tables are of several versions of Unicode (unicode_text.cpp says which).
#pragma once

#include <string>
#include <string_view>

namespace dmd {

// Bytes that are not UTF-8 become U+FFFD.
std::u32string code_points(std::string_view utf8);
std::string to_utf8(std::u32string_view text);

bool is_white_space(char32_t c);
bool is_control(char32_t c);      // control, format and private characters, but tab and line ends
bool is_punctuation(char32_t c);  // all of ASCII that is neither letter, digit nor space too
bool is_word_part(char32_t c);    // letters, marks, digits, connectors: \w of regular expressions
bool is_chinese(char32_t c);      // the blocks of ideographs that BERT cuts at

// Canonically decomposed (NFD), without the marks that then stand alone.
std::u32string without_accents(std::u32string_view text);
std::u32string lower_case(std::u32string_view text);

}  // namespace dmd
