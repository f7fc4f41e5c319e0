// From text to the ids that a text encoder reads, equal to those of Hugging Face's tokenizers.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

#include "dmd/config/encoder_config.h"
#include "dmd/data/dataset.h"
#include "dmd/text/vocabulary.h"

namespace dmd {

// The vocabulary of an encoder and its rules of cutting text.
class Tokenizer {
 public:
  virtual ~Tokenizer() = default;

  // Ids of the pieces alone. Text is UTF-8; bytes that are not become U+FFFD.
  virtual std::vector<std::int32_t> pieces(std::string_view text) const = 0;

  // The rows that an embedding must have for its vocabulary.
  virtual std::int64_t size() const = 0;

  // Ids that stand at the beginning, at the end, and for padding.
  struct Frame {
    std::int32_t begin, end, padding;
  };
  virtual Frame frame() const = 0;
};

// What the tokens of a frame are called.
struct EndNames {
  const char *begin, *end, *padding;
};

// Throws trine::Error, which begins with `where`, if the vocabulary lacks one.
Tokenizer::Frame frame_of(const Vocabulary& vocabulary, const EndNames& names,
                          std::string_view where);

// Reads tokenizer.json where it is there, else vocab.txt for BERT, and vocab.json and merges.txt
// for RoBERTa; and what tokenizer_config.json says of upper case and blanks, if it is there. Throws
// trine::Error where a file is missing, damaged or of a kind that is not computed, and for more
// words than the encoder's embedding has rows. It may have more, which are then never read.
std::unique_ptr<Tokenizer> read_tokenizer(const std::filesystem::path& folder,
                                          const EncoderConfig& config);

// One text in a frame, cut and padded to `length` tokens: a row of text_bert. Throws trine::Error
// for a length below 2.
Tokens framed_tokens(const Tokenizer& tokenizer, std::string_view text, std::int64_t length);

}  // namespace dmd
