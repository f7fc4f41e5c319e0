// RoBERTa's tokenizer: the byte-level pair encoding of GPT-2 (Radford et al. 2019, section 2.2).
// Words are bytes, each written as a printable character, and joined pair by pair in the order in
// which training joined them.
#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <utility>

#include "dmd/text/special_tokens.h"
#include "dmd/text/tokenizer.h"

namespace dmd {

class BytePair : public Tokenizer {
 public:
  // `vocabulary`: a JSON object of pieces and ids. `merges`: a pair of pieces a line, the first to
  // be joined first. Throws trine::Error, which begins with `where`, for anything else, and if one
  // of <s>, </s>, <pad> and <unk> is missing.
  BytePair(std::string_view vocabulary, std::string_view merges, std::string_view where);

  std::vector<std::int32_t> pieces(std::string_view text) const override;
  std::int64_t size() const override { return static_cast<std::int64_t>(ids_.size()); }
  Frame frame() const override { return frame_; }

 private:
  void read_merges(std::string_view merges, std::string_view where);
  std::int32_t required(const char* token, std::string_view where);
  void append_word(std::string_view word, std::vector<std::int32_t>& ids) const;

  std::unordered_map<std::string, std::int32_t> ids_;
  std::map<std::pair<std::string, std::string>, std::size_t> ranks_;  // of joined pairs
  std::int32_t unknown_ = 0;
  Frame frame_{};
  std::vector<SpecialToken> special_;
};

}  // namespace dmd
