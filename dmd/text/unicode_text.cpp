#include "dmd/text/unicode_text.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/uniset.h>
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

// ICU's tables are of the Unicode that was current when it was released: 15 in version 72. Those of
// the `tokenizers` crate, as released in version 0.23.3, are older and newer:
//
//   categories         Unicode 8.0   crate unicode_categories
//   decomposition      Unicode 9.0   crate unicode-normalization-alignments 0.1.12
//   lower case         Unicode 17    Rust's char::to_lowercase
//   letters, numbers   Unicode 16    crate onig 6.5.3 (byte_pair.cpp)
//
// White space has been the same since Unicode 6.3. The versions come from asking each step about
// every code point, and tests/tokenizer/data/make.py --corpus asks again.
constexpr int kCategories = 8, kDecomposition = 9;

// Whether a code point was assigned in this major version or before.
bool is_in(char32_t c, int version) {
  UVersionInfo age;
  u_charAge(icu(c), age);
  return age[0] != 0 && age[0] <= version;
}

bool is_of(char32_t c, std::uint32_t categories) {
  return is_in(c, kCategories) && (U_GET_GC_MASK(icu(c)) & categories) != 0;
}

// A mark that stands alone (Mn). Six characters have come into this category or left it since.
bool is_mark(char32_t c) {
  switch (c) {
    case 0x1734:
    case 0x1171E:
      return true;
    case 0x1885:
    case 0x1886:
    case 0xA9BD:
    case 0x111C9:
      return false;
    default:
      return is_of(c, U_GC_MN_MASK);
  }
}

// Of the characters that came later: left as they are, and boundaries to what stands around them.
const icu::Normalizer2& decomposer() {
  static const icu::FilteredNormalizer2 kNfd = [] {
    UErrorCode status = U_ZERO_ERROR;
    static const icu::UnicodeSet kThen(
        icu::UnicodeString::fromUTF8(fmt::format("[:age={}.0:]", kDecomposition)), status);
    const icu::Normalizer2* nfd = icu::Normalizer2::getNFDInstance(status);
    if (U_FAILURE(status))
      trine::fail("ICU has no data for decomposing characters: {}", u_errorName(status));
    return icu::FilteredNormalizer2(*nfd, kThen);
  }();
  return kNfd;
}

// Capital letters that Unicode got after version 15, which ICU may not know.
struct Capitals {
  char32_t first, last, lower_first;
};

constexpr std::array<Capitals, 10> kLateCapitals{{{0x1C89, 0x1C89, 0x1C8A},
                                                  {0xA7CB, 0xA7CB, 0x0264},
                                                  {0xA7CC, 0xA7CC, 0xA7CD},
                                                  {0xA7CE, 0xA7CE, 0xA7CF},
                                                  {0xA7D2, 0xA7D2, 0xA7D3},
                                                  {0xA7D4, 0xA7D4, 0xA7D5},
                                                  {0xA7DA, 0xA7DA, 0xA7DB},
                                                  {0xA7DC, 0xA7DC, 0x019B},
                                                  {0x10D50, 0x10D65, 0x10D70},
                                                  {0x16EA0, 0x16EB8, 0x16EBB}}};

char32_t lower_case(char32_t c) {
  for (const Capitals& late : kLateCapitals)
    if (c >= late.first && c <= late.last) return late.lower_first + (c - late.first);
  return static_cast<char32_t>(u_tolower(icu(c)));
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
  const bool was_one = c == 0x166D || c == 0x111C9;  // a sign and a mark since
  return is_ascii_mark || was_one || is_of(c, U_GC_P_MASK);
}

bool is_word_part(char32_t c) {
  return u_hasBinaryProperty(icu(c), UCHAR_ALPHABETIC) ||
         u_hasBinaryProperty(icu(c), UCHAR_JOIN_CONTROL) ||
         (U_GET_GC_MASK(icu(c)) & (U_GC_M_MASK | U_GC_ND_MASK | U_GC_PC_MASK)) != 0;
}

// BERT names the block from U+2B820 on; tokenizers begins at U+2B920, and is what models are used
// with.
bool is_chinese(char32_t c) {
  constexpr std::array<std::pair<char32_t, char32_t>, 8> kBlocks{{{0x4E00, 0x9FFF},
                                                                  {0x3400, 0x4DBF},
                                                                  {0x20000, 0x2A6DF},
                                                                  {0x2A700, 0x2B73F},
                                                                  {0x2B740, 0x2B81F},
                                                                  {0x2B920, 0x2CEAF},
                                                                  {0xF900, 0xFAFF},
                                                                  {0x2F800, 0x2FA1F}}};
  return std::ranges::any_of(kBlocks, [c](const auto& b) { return c >= b.first && c <= b.second; });
}

std::u32string without_accents(std::u32string_view text) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::UnicodeString decomposed = decomposer().normalize(icu_string(text), status);
  if (U_FAILURE(status)) trine::fail("ICU cannot decompose a text: {}", u_errorName(status));
  std::u32string out = code_points(decomposed);
  std::erase_if(out, is_mark);
  return out;
}

std::u32string lower_case(std::u32string_view text) {
  std::u32string out;
  for (const char32_t c : text) {
    if (c == 0x130)
      out += U"i\u0307";  // İ, the one letter that becomes two
    else
      out += lower_case(c);
  }
  return out;
}

}  // namespace dmd
