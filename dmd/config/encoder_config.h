// The sizes and rates of a text encoder, under the names that the config.json of a Hugging Face
// folder gives them.
#pragma once

#include <cstdint>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace dmd {

enum class TextEncoder { none, bert, roberta };

std::string_view name_of(TextEncoder encoder);

// Where pad_token_id is null: no row of the embedding is the padding's.
inline constexpr std::int64_t kNoPadding = -1;

// The defaults are those of bert-base-uncased.
struct EncoderConfig {
  TextEncoder kind = TextEncoder::bert;  // model_type
  std::int64_t vocab_size = 30522;
  std::int64_t hidden_size = 768;
  std::int64_t num_hidden_layers = 12;
  std::int64_t num_attention_heads = 12;
  std::int64_t intermediate_size = 3072;
  std::int64_t max_position_embeddings = 512;
  std::int64_t type_vocab_size = 2;
  std::int64_t pad_token_id = 0;  // or kNoPadding
  double layer_norm_eps = 1e-12;
  double hidden_dropout_prob = 0.1;
  double attention_probs_dropout_prob = 0.1;

  // The most tokens that have a position: RoBERTa's begin behind the padding's.
  std::int64_t longest_text() const;

  friend bool operator==(const EncoderConfig&, const EncoderConfig&) = default;
};

// bert-base-uncased or roberta-base.
EncoderConfig standard_encoder(TextEncoder kind);

// Reads the keys above; those that are missing or null have the values of the standard encoder (but
// for BERT's padding, see kNoPadding), others are passed over. Where model_type is missing, as in
// the first BERT models, `architectures` tells the kind, and where that is missing too it is
// `asked`. Throws trine::Error, which begins with `where`, for another model_type, a value of
// another type or out of range, and for what is not computed here: an activation that is not GELU,
// relative positions, a decoder.
EncoderConfig encoder_config_from(const nlohmann::ordered_json& object, std::string_view where,
                                  TextEncoder asked = TextEncoder::none);

nlohmann::ordered_json json_of(const EncoderConfig& config);

}  // namespace dmd
