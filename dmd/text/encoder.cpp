#include "dmd/text/encoder.h"

#include <optional>
#include <string>

#include <fmt/format.h>

#include "engine/error.h"
#include "engine/nn/layers.h"
#include "engine/ops/attention.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/matmul.h"
#include "engine/ops/state.h"
#include "engine/ops/views.h"

namespace dmd {
namespace {

using trine::Scope;
using trine::Tensor;
using trine::nn::Capture;
using trine::nn::linear;
using trine::nn::LinearInit;

// How many of the first i + 1 steps of x (B, T) are 1, for each step i.
Tensor running_count(Tensor x) {
  const std::int64_t steps = x.dim(1);
  std::vector<float> up_to(static_cast<std::size_t>(steps * steps), 0.0f);
  for (std::int64_t from = 0; from < steps; ++from)
    for (std::int64_t to = from; to < steps; ++to)
      up_to[static_cast<std::size_t>(from * steps + to)] = 1.0f;
  return matmul(x, literal(x.graph(), {steps, steps}, std::move(up_to)));
}

// RoBERTa counts the tokens that are not padding, from the position behind the padding's own.
Tensor roberta_positions(Tensor ids, std::int64_t padding) {
  const auto pad = static_cast<float>(padding);
  const Tensor real = not_equal(cast(ids, trine::DType::f32), pad);
  return cast(running_count(real) * real + pad, trine::DType::i32);
}

Tensor position_embeddings(Capture& capture, const EncoderConfig& config, Tensor ids) {
  const std::int64_t rows = config.max_position_embeddings, width = config.hidden_size;
  if (config.kind == TextEncoder::roberta)
    return embedding(capture, "position_embeddings", roberta_positions(ids, config.pad_token_id),
                     rows, width, config.pad_token_id);
  return slice(embedding_table(capture, "position_embeddings", rows, width), 0, 0, ids.dim(1));
}

Tensor embed(Capture& capture, const EncoderConfig& config, const TokenTensors& tokens) {
  const Scope scope(capture.graph(), "embeddings");
  const auto padding =
      config.pad_token_id == kNoPadding ? std::nullopt : std::optional(config.pad_token_id);
  const Tensor words = embedding(capture, "word_embeddings", tokens.ids, config.vocab_size,
                                 config.hidden_size, padding);
  const Tensor segments = embedding(capture, "token_type_embeddings", tokens.segments,
                                    config.type_vocab_size, config.hidden_size);
  const Tensor all = words + segments + position_embeddings(capture, config, tokens.ids);
  return capture.dropout(layer_norm(capture, "LayerNorm", all, config.layer_norm_eps),
                         config.hidden_dropout_prob);
}

Tensor self_attention(Capture& capture, const EncoderConfig& config, Tensor x, Tensor key_mask) {
  const Scope scope(capture.graph(), "self");
  const std::int64_t heads = config.num_attention_heads, width = config.hidden_size;
  const auto in_heads = [&](const char* name) {
    const Tensor y = linear(capture, name, x, width, LinearInit::xavier);
    return reshape(y, {x.dim(0), x.dim(1), heads, width / heads});
  };
  const Tensor query = in_heads("query"), key = in_heads("key"), value = in_heads("value");
  const Tensor mixed = attention(query, key, value,
                                 {.causal_offset = {},
                                  .dropout = capture.rate(config.attention_probs_dropout_prob),
                                  .key_mask = key_mask});
  return reshape(mixed, x.shape());
}

// What ends both halves of a layer: a product, added to the half's input and normalized.
Tensor output(Capture& capture, const EncoderConfig& config, Tensor inner, Tensor x) {
  const Scope scope(capture.graph(), "output");
  const Tensor y = linear(capture, "dense", inner, config.hidden_size, LinearInit::xavier);
  return layer_norm(capture, "LayerNorm", x + capture.dropout(y, config.hidden_dropout_prob),
                    config.layer_norm_eps);
}

Tensor attention_half(Capture& capture, const EncoderConfig& config, Tensor x, Tensor key_mask) {
  const Scope scope(capture.graph(), "attention");
  return output(capture, config, self_attention(capture, config, x, key_mask), x);
}

Tensor layer(Capture& capture, const EncoderConfig& config, Tensor x, Tensor key_mask) {
  const Tensor attended = attention_half(capture, config, x, key_mask);
  const Tensor inner = gelu(linear(capture, "intermediate.dense", attended,
                                   config.intermediate_size, LinearInit::xavier));
  return output(capture, config, inner, attended);
}

}  // namespace

TokenTensors capture_tokens(trine::Graph& graph, std::int64_t batch, std::int64_t tokens) {
  const auto whole_numbers = [&](const char* name) {
    return input(graph, name, {trine::DType::i32, {batch, tokens}});
  };
  return {whole_numbers("ids"), whole_numbers("mask"), whole_numbers("segments")};
}

Tensor encode(Capture& capture, const EncoderConfig& config, const TokenTensors& tokens) {
  if (tokens.ids.dim(1) > config.longest_text())
    trine::fail("the text has {} tokens and the {} encoder has positions for {}: shorten it",
                tokens.ids.dim(1), name_of(config.kind), config.longest_text());
  const Tensor key_mask = cast(tokens.mask, trine::DType::f32);
  Tensor x = embed(capture, config, tokens);
  for (std::int64_t i = 0; i < config.num_hidden_layers; ++i) {
    const Scope scope(capture.graph(), fmt::format("encoder.layer.{}", i));
    x = layer(capture, config, x, key_mask);
  }
  // Checkpoints hold this layer, and the last hidden states do not depend on it.
  trine::nn::declare_linear(capture, "pooler.dense", config.hidden_size, config.hidden_size,
                            LinearInit::xavier);
  return x;
}

}  // namespace dmd
