// RoBERTa's tokenizer: the byte-level pair encoding of GPT-2 (Radford et al. 2019, section 2.2).
// Words are bytes, each written as a printable character, and joined pair by pair in the order in
// which training joined them.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "dmd/text/special_tokens.h"
#include "dmd/text/tokenizer.h"
#include "dmd/text/vocabulary.h"

namespace dmd {

inline constexpr EndNames kRobertaEnds{"<s>", "</s>", "<pad>"};

struct BytePairOptions {
  bool blank_before = false;  // a text that begins with no blank gets one (add_prefix_space)
  bool whole_words = false;   // a word that is a piece is not cut (ignore_merges)
  std::string unknown;        // stands for bytes that the vocabulary lacks; they go where empty
};

// Pairs of pieces, the first to be joined first.
using Merges = std::vector<std::pair<std::string, std::string>>;

// A pair a line, a blank between. Throws trine::Error, which begins with `where` and the number of
// the line, for anything else.
Merges merges_of_lines(std::string_view text, std::string_view where);

// The pair of one line.
std::pair<std::string, std::string> pair_of(std::string_view text, std::string_view where);

class BytePair : public Tokenizer {
 public:
  // `vocabulary`: a JSON object of pieces and ids. `merges`: see merges_of_lines(). Throws
  // trine::Error, which begins with `where`, for anything else, if a pair is not of the vocabulary,
  // and if one of <s>, </s>, <pad> and <unk> is missing.
  BytePair(std::string_view vocabulary, std::string_view merges, BytePairOptions options,
           std::string_view where);

  // Throws trine::Error, which begins with `where`, if a pair or the token for what is unknown is
  // not of the vocabulary.
  BytePair(Vocabulary vocabulary, const Merges& merges, BytePairOptions options,
           SpecialTokens special, const Frame& frame, std::string_view where);

  std::vector<std::int32_t> pieces(std::string_view text) const override;
  std::int64_t size() const override { return vocabulary_.size(); }
  Frame frame() const override { return frame_; }

 private:
  void append_words(std::string_view text, std::vector<std::int32_t>& ids) const;
  void append_word(std::string_view word, std::vector<std::int32_t>& ids) const;

  Vocabulary vocabulary_;
  std::map<std::pair<std::string, std::string>, std::size_t> ranks_;  // of joined pairs
  BytePairOptions options_;
  std::optional<std::int32_t> unknown_;
  Frame frame_{};
  SpecialTokens special_;
};

}  // namespace dmd
