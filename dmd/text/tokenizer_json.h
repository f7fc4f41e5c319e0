// tokenizer.json, in which Hugging Face's tokenizers keeps a whole tokenizer: what it does to texts
// (normalizer), where it cuts them (pre_tokenizer), its vocabulary (model), what it puts around
// (post_processor) and the tokens that stand for themselves (added_tokens).
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "dmd/text/tokenizer.h"

namespace dmd {

// What tokenizer_config.json says, beside the file. transformers puts it over the file's own.
struct TokenizerSettings {
  std::optional<bool> lower_case, strip_accents, split_chinese;  // of BERT's
  std::optional<bool> blank_before;                              // of RoBERTa's
};

// BERT's components, and those of RoBERTa:
//   normalizer      BertNormalizer, or null
//   pre_tokenizer   BertPreTokenizer, ByteLevel
//   model           WordPiece, BPE
//   post_processor  TemplateProcessing, BertProcessing, RobertaProcessing with one token at either
//                   end; where it is ByteLevel or null, the ends are those of BERT or RoBERTa
// The decoder, and how long texts are made, is of no matter here. Throws trine::Error, which begins
// with `where`, for a component or an option of another kind, by its name, and for what does not
// fit together.
std::unique_ptr<Tokenizer> tokenizer_from_json(std::string_view text, std::string_view where,
                                               const TokenizerSettings& settings = {});

}  // namespace dmd
