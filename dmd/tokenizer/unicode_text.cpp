#include "dmd/tokenizer/unicode_text.h"

#include <algorithm>
#include <array>
#include <utility>

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include "engine/error.h"

namespace dmd {
namespace {

UChar32 icu(char32_t c) { return static_cast<UChar32>(c); }

icu::UnicodeString icu_string(std::u32string_view text) {
  icu::UnicodeString out;
  for (const char32_t c : text) out.append(icu(c));
  return out;
}

std::u32string code_points(const icu::UnicodeString& text) {
  std::u32string out;
  for (std::int32_t at = 0; at < text.length(); at = text.moveIndex32(at, 1))
    out.push_back(static_cast<char32_t>(text.char32At(at)));
  return out;
}

bool is_of(char32_t c, std::uint32_t categories) {
  return (U_GET_GC_MASK(icu(c)) & categories) != 0;
}

const icu::Normalizer2& decomposer() {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* nfd = icu::Normalizer2::getNFDInstance(status);
  if (U_FAILURE(status))
    trine::fail("ICU has no data for decomposing characters: {}", u_errorName(status));
  return *nfd;
}

}  // namespace

std::u32string code_points(std::string_view utf8) {
  return code_points(icu::UnicodeString::fromUTF8(
      icu::StringPiece(utf8.data(), static_cast<std::int32_t>(utf8.size()))));
}

std::string to_utf8(std::u32string_view text) {
  std::string out;
  icu_string(text).toUTF8String(out);
  return out;
}

bool is_white_space(char32_t c) { return u_isUWhiteSpace(icu(c)); }

bool is_control(char32_t c) {
  if (c == U'\t' || c == U'\n' || c == U'\r') return false;
  return is_of(c, U_GC_CC_MASK | U_GC_CF_MASK | U_GC_CO_MASK | U_GC_CS_MASK);
}

bool is_punctuation(char32_t c) {
  const bool is_ascii_mark = c > U' ' && c < 0x7f && !u_isalnum(icu(c));
  return is_ascii_mark || is_of(c, U_GC_P_MASK);
}

bool is_chinese(char32_t c) {
  constexpr std::array<std::pair<char32_t, char32_t>, 8> kBlocks{{{0x4E00, 0x9FFF},
                                                                  {0x3400, 0x4DBF},
                                                                  {0x20000, 0x2A6DF},
                                                                  {0x2A700, 0x2B73F},
                                                                  {0x2B740, 0x2B81F},
                                                                  {0x2B820, 0x2CEAF},
                                                                  {0xF900, 0xFAFF},
                                                                  {0x2F800, 0x2FA1F}}};
  return std::ranges::any_of(kBlocks, [c](const auto& b) { return c >= b.first && c <= b.second; });
}

std::u32string without_accents(std::u32string_view text) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::UnicodeString decomposed = decomposer().normalize(icu_string(text), status);
  if (U_FAILURE(status)) trine::fail("ICU cannot decompose a text: {}", u_errorName(status));
  std::u32string out = code_points(decomposed);
  std::erase_if(out, [](char32_t c) { return is_of(c, U_GC_MN_MASK); });
  return out;
}

std::u32string lower_case(std::u32string_view text) {
  std::u32string out(text);
  for (char32_t& c : out) c = static_cast<char32_t>(u_tolower(icu(c)));
  return out;
}

}  // namespace dmd
