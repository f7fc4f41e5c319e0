// BERT's tokenizer: words cut at white space and punctuation, then into the longest pieces that the
// vocabulary has (Wu et al. 2016, section 4.1). Pieces inside a word begin with a prefix, "##".
#pragma once

#include <cstddef>
#include <string>

#include "dmd/text/special_tokens.h"
#include "dmd/text/tokenizer.h"
#include "dmd/text/vocabulary.h"

namespace dmd {

inline constexpr EndNames kBertEnds{"[CLS]", "[SEP]", "[PAD]"};

struct WordPieceOptions {
  bool clean = true;       // control characters go, and every white space is a blank
  bool lower_case = true;  // which also strips accents, unless that is said otherwise
  bool strip_accents = true;
  bool split_chinese = true;
  std::string prefix = "##";
  std::string unknown = "[UNK]";
  std::size_t longest_word = 100;  // words of more characters are unknown as a whole
};

class WordPiece : public Tokenizer {
 public:
  // `vocabulary`: a token a line, its id the number of the line. Throws trine::Error, which begins
  // with `where`, if one of [PAD], [UNK], [CLS] and [SEP] is missing.
  WordPiece(std::string_view vocabulary, const WordPieceOptions& options, std::string_view where);

  // Throws trine::Error, which begins with `where`, if the token for unknown words is missing.
  WordPiece(Vocabulary vocabulary, WordPieceOptions options, SpecialTokens special,
            const Frame& frame, std::string_view where);

  std::vector<std::int32_t> pieces(std::string_view text) const override;
  std::int64_t size() const override { return vocabulary_.size(); }
  Frame frame() const override { return frame_; }

 private:
  std::u32string normalized(std::string_view text) const;
  void append_words(std::string_view text, std::vector<std::int32_t>& ids) const;
  void append_word(std::u32string_view word, std::vector<std::int32_t>& ids) const;

  Vocabulary vocabulary_;
  WordPieceOptions options_;
  std::int32_t unknown_ = 0;
  Frame frame_{};
  SpecialTokens special_;
};

}  // namespace dmd
