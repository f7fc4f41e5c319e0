#include "dmd/config/encoder_config.h"

#include <array>

#include <nlohmann/json.hpp>

#include "dmd/config/json_object.h"
#include "engine/error.h"

namespace dmd {
namespace {

using Json = nlohmann::ordered_json;

struct SizeKey {
  std::string_view name;
  std::int64_t EncoderConfig::*member;
  std::int64_t least = 1;
};

constexpr std::array kSizes{
    SizeKey{"vocab_size", &EncoderConfig::vocab_size},
    SizeKey{"hidden_size", &EncoderConfig::hidden_size},
    SizeKey{"num_hidden_layers", &EncoderConfig::num_hidden_layers},
    SizeKey{"num_attention_heads", &EncoderConfig::num_attention_heads},
    SizeKey{"intermediate_size", &EncoderConfig::intermediate_size},
    SizeKey{"max_position_embeddings", &EncoderConfig::max_position_embeddings},
    SizeKey{"type_vocab_size", &EncoderConfig::type_vocab_size},
    SizeKey{"pad_token_id", &EncoderConfig::pad_token_id, 0},
};

struct RealKey {
  std::string_view name;
  double EncoderConfig::*member;
};

constexpr std::array kReals{
    RealKey{"layer_norm_eps", &EncoderConfig::layer_norm_eps},
    RealKey{"hidden_dropout_prob", &EncoderConfig::hidden_dropout_prob},
    RealKey{"attention_probs_dropout_prob", &EncoderConfig::attention_probs_dropout_prob},
};

// Larger than any encoder, and small enough that products of two sizes can be counted.
constexpr std::int64_t kMost = 10'000'000;

TextEncoder kind_from(const Json& object, std::string_view where) {
  const Json type = object.value("model_type", Json());
  for (const TextEncoder kind : {TextEncoder::bert, TextEncoder::roberta})
    if (type == name_of(kind)) return kind;
  trine::fail("{}: the model_type is {}; text encoders here are bert and roberta", where,
              shown(type));
}

std::int64_t size_from(const Json& value, const SizeKey& key, std::string_view where) {
  if (value.is_number_integer() && value >= key.least && value <= kMost)
    return value.get<std::int64_t>();
  trine::fail("{}: {} must be a whole number from {} to {}, not {}", where, key.name, key.least,
              kMost, shown(value));
}

double share_from(const Json& value, std::string_view name, std::string_view where) {
  if (value.is_number() && value >= 0.0 && value < 1.0) return value.get<double>();
  trine::fail("{}: {} must be a number from 0 to below 1, not {}", where, name, shown(value));
}

// Keys that change what the encoder computes, and the one value that is computed here.
void check_supported(const Json& object, std::string_view where) {
  const std::array<std::pair<const char*, Json>, 3> supported{
      {{"hidden_act", "gelu"}, {"position_embedding_type", "absolute"}, {"is_decoder", false}}};
  for (const auto& [name, only] : supported) {
    const Json value = object.value(name, only);
    if (value != only)
      trine::fail("{}: {} is {}, and only {} is computed here: choose another encoder", where, name,
                  shown(value), shown(only));
  }
}

void check_sizes(const EncoderConfig& config, std::string_view where) {
  if (config.hidden_size % config.num_attention_heads != 0)
    trine::fail("{}: hidden_size = {} is not a multiple of num_attention_heads = {}", where,
                config.hidden_size, config.num_attention_heads);
  if (config.pad_token_id >= config.vocab_size)
    trine::fail("{}: pad_token_id = {} lies outside the {} rows of the vocabulary", where,
                config.pad_token_id, config.vocab_size);
  if (config.longest_text() < 1)
    trine::fail("{}: max_position_embeddings = {} leaves no position for a token", where,
                config.max_position_embeddings);
}

}  // namespace

std::string_view name_of(TextEncoder encoder) {
  switch (encoder) {
    case TextEncoder::bert:
      return "bert";
    case TextEncoder::roberta:
      return "roberta";
    case TextEncoder::none:
      break;
  }
  return "none";
}

std::int64_t EncoderConfig::longest_text() const {
  return kind == TextEncoder::roberta ? max_position_embeddings - pad_token_id - 1
                                      : max_position_embeddings;
}

EncoderConfig standard_encoder(TextEncoder kind) {
  EncoderConfig config{.kind = kind};
  if (kind == TextEncoder::roberta) {
    config.vocab_size = 50265;
    config.max_position_embeddings = 514;
    config.type_vocab_size = 1;
    config.pad_token_id = 1;
    config.layer_norm_eps = 1e-5;
  }
  return config;
}

EncoderConfig encoder_config_from(const Json& object, std::string_view where) {
  EncoderConfig config = standard_encoder(kind_from(object, where));
  check_supported(object, where);
  for (const SizeKey& key : kSizes)
    if (object.contains(key.name)) config.*key.member = size_from(object[key.name], key, where);
  for (const RealKey& key : kReals)
    if (object.contains(key.name))
      config.*key.member = share_from(object[key.name], key.name, where);
  check_sizes(config, where);
  return config;
}

Json json_of(const EncoderConfig& config) {
  Json object = {{"model_type", name_of(config.kind)}};
  for (const SizeKey& key : kSizes) object[std::string(key.name)] = config.*key.member;
  for (const RealKey& key : kReals) object[std::string(key.name)] = config.*key.member;
  return object;
}

}  // namespace dmd
