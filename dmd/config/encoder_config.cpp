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

constexpr const char* kPadding = "pad_token_id";

constexpr std::array kSizes{
    SizeKey{"vocab_size", &EncoderConfig::vocab_size},
    SizeKey{"hidden_size", &EncoderConfig::hidden_size},
    SizeKey{"num_hidden_layers", &EncoderConfig::num_hidden_layers},
    SizeKey{"num_attention_heads", &EncoderConfig::num_attention_heads},
    SizeKey{"intermediate_size", &EncoderConfig::intermediate_size},
    SizeKey{"max_position_embeddings", &EncoderConfig::max_position_embeddings},
    SizeKey{"type_vocab_size", &EncoderConfig::type_vocab_size},
    SizeKey{kPadding, &EncoderConfig::pad_token_id, 0},
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

constexpr std::array kKinds{TextEncoder::bert, TextEncoder::roberta};

// Null where the key is missing: the two mean the same.
Json value_of(const Json& object, std::string_view key) {
  const auto found = object.find(key);
  return found == object.end() ? Json() : *found;
}

// Names of transformers' classes: BertModel, RobertaForMaskedLM.
std::string_view class_prefix(TextEncoder kind) {
  return kind == TextEncoder::bert ? "Bert" : "Roberta";
}

bool is_class_of(const Json& name, TextEncoder kind) {
  if (!name.is_string()) return false;
  std::string_view rest = name.get_ref<const std::string&>();
  if (!rest.starts_with(class_prefix(kind))) return false;
  rest.remove_prefix(class_prefix(kind).size());
  return rest == "Model" || rest.starts_with("For");
}

TextEncoder kind_from(const Json& object, std::string_view where, TextEncoder asked) {
  if (const Json type = value_of(object, "model_type"); !type.is_null()) {
    for (const TextEncoder kind : kKinds)
      if (type == name_of(kind)) return kind;
    trine::fail("{}: the model_type is {}; text encoders here are bert and roberta", where,
                shown(type));
  }
  const Json classes = value_of(object, "architectures");
  for (const Json& name : classes)
    for (const TextEncoder kind : kKinds)
      if (is_class_of(name, kind)) return kind;
  if (!classes.empty())
    trine::fail(
        "{}: there is no model_type, and architectures is {}; text encoders here are bert "
        "and roberta",
        where, shown(classes));
  if (asked != TextEncoder::none) return asked;
  trine::fail("{}: there is no model_type: write \"bert\" or \"roberta\" there", where);
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
    const Json value = value_of(object, name);
    if (!value.is_null() && value != only)
      trine::fail("{}: {} is {}, and only {} is computed here: choose another encoder", where, name,
                  shown(value), shown(only));
  }
}

// RoBERTa counts its positions from the padding's, and cannot be without.
bool has_no_padding(const Json& object, TextEncoder kind) {
  return kind == TextEncoder::bert && object.contains(kPadding) && object[kPadding].is_null();
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

EncoderConfig encoder_config_from(const Json& object, std::string_view where, TextEncoder asked) {
  if (!object.is_object())
    trine::fail("{}: an object of keys and values is expected, not {}", where, shown(object));
  EncoderConfig config = standard_encoder(kind_from(object, where, asked));
  check_supported(object, where);
  for (const SizeKey& key : kSizes)
    if (const Json value = value_of(object, key.name); !value.is_null())
      config.*key.member = size_from(value, key, where);
  for (const RealKey& key : kReals)
    if (const Json value = value_of(object, key.name); !value.is_null())
      config.*key.member = share_from(value, key.name, where);
  if (has_no_padding(object, config.kind)) config.pad_token_id = kNoPadding;
  check_sizes(config, where);
  return config;
}

Json json_of(const EncoderConfig& config) {
  Json object = {{"model_type", name_of(config.kind)}};
  for (const SizeKey& key : kSizes) object[std::string(key.name)] = config.*key.member;
  if (config.pad_token_id == kNoPadding) object[kPadding] = nullptr;
  for (const RealKey& key : kReals) object[std::string(key.name)] = config.*key.member;
  return object;
}

}  // namespace dmd
