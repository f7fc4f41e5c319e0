// BERT's tokenizer: words cut at white space and punctuation, then into the longest pieces that the
// vocabulary has (Wu et al. 2016, section 4.1). Pieces inside a word begin with "##".
#pragma once

#include <string>
#include <unordered_map>

#include "dmd/text/special_tokens.h"
#include "dmd/text/tokenizer.h"

namespace dmd {

struct WordPieceOptions {
  bool lower_case = true;  // which also strips accents, unless that is said otherwise
  bool strip_accents = true;
  bool split_chinese = true;
};

class WordPiece : public Tokenizer {
 public:
  // `vocabulary`: a token a line, its id the number of the line. Throws trine::Error, which begins
  // with `where`, if one of [PAD], [UNK], [CLS] and [SEP] is missing.
  WordPiece(std::string_view vocabulary, const WordPieceOptions& options, std::string_view where);

  std::vector<std::int32_t> pieces(std::string_view text) const override;
  std::int64_t size() const override { return size_; }
  Frame frame() const override { return frame_; }

 private:
  std::u32string normalized(std::string_view text) const;
  void append_word(std::u32string_view word, std::vector<std::int32_t>& ids) const;

  std::unordered_map<std::string, std::int32_t> ids_;
  std::int64_t size_ = 0;
  WordPieceOptions options_;
  std::int32_t unknown_ = 0;
  Frame frame_{};
  std::vector<SpecialToken> special_;
};

}  // namespace dmd
