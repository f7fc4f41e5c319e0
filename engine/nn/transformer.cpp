#include "engine/nn/transformer.h"

#include <cstdlib>
#include <optional>

#include "engine/error.h"
#include "engine/nn/layers.h"
#include "engine/nn/multi_head_attention.h"
#include "engine/nn/positions.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/views.h"

namespace trine::nn {
namespace {

// What every layer of a cross-modal transformer attends to. Keys and values differ only in their
// dropout draws; where none is drawn they are one tensor.
struct Memory {
  Tensor key, value;
};

class Encoder {
 public:
  Encoder(Capture& capture, const TransformerOptions& options)
      : capture_(capture), options_(options) {}

  Tensor run(Tensor x, Tensor other) {
    x = embed(x);
    std::optional<Memory> memory;
    if (other) memory = embed_memory(other);
    for (std::int64_t i = 0; i < options_.levels; ++i) {
      const Scope scope(capture_.graph(), fmt::format("layers.{}", i));
      x = layer(x, memory, options_.last_step_only && i + 1 == options_.levels);
    }
    return layer_norm(capture_, "layer_norm", x);
  }

 private:
  Tensor embed(Tensor x) {
    return capture_.dropout(with_positions(capture_, x), options_.embed_dropout);
  }

  Memory embed_memory(Tensor other) {
    const Tensor positioned = with_positions(capture_, other);
    return {capture_.dropout(positioned, options_.embed_dropout),
            capture_.dropout(positioned, options_.embed_dropout)};
  }

  // y = x + attention(norm(x)); y + feed_forward(norm(y)).
  Tensor layer(Tensor x, const std::optional<Memory>& memory, bool last_step) {
    const Tensor y = attend(x, memory, last_step);
    const Tensor inner = relu(linear(capture_, "fc1", layer_norm(capture_, "layer_norms.1", y),
                                     4 * y.dim(-1), LinearInit::xavier));
    const Tensor outer = linear(capture_, "fc2", capture_.dropout(inner, options_.relu_dropout),
                                y.dim(-1), LinearInit::xavier);
    return y + capture_.dropout(outer, options_.residual_dropout);
  }

  Tensor attend(Tensor x, const std::optional<Memory>& memory, bool last_step) {
    const auto norm = [&](Tensor t) { return layer_norm(capture_, "layer_norms.0", t); };
    Tensor query = norm(x), key = query, value = query;
    if (memory) {
      key = norm(memory->key);
      value = memory->value == memory->key ? key : norm(memory->value);
    }
    MultiHeadOptions attention{options_.heads, options_.attention_dropout, {}};
    if (last_step) {  // which sees every key
      x = slice(x, 1, -1, x.dim(1));
      query = slice(query, 1, -1, query.dim(1));
    } else if (options_.causal) {
      attention.causal_offset = std::abs(x.dim(1) - key.dim(1));
    }
    const Tensor mixed = multi_head_attention(capture_, "self_attn", query, key, value, attention);
    return x + capture_.dropout(mixed, options_.residual_dropout);
  }

  Capture& capture_;
  const TransformerOptions& options_;
};

}  // namespace

Tensor transformer(Capture& capture, std::string_view name, Tensor x,
                   const TransformerOptions& options) {
  const Scope scope(capture.graph(), name);
  return Encoder(capture, options).run(x, {});
}

void declare_transformer(Capture& capture, std::string_view name, std::int64_t width,
                         const TransformerOptions& options) {
  // One step of zeros, and nothing reads what becomes of it.
  transformer(capture, name, fill(capture.graph(), {1, 1, width}, 0.0f), options);
}

Tensor cross_transformer(Capture& capture, std::string_view name, Tensor x, Tensor other,
                         const TransformerOptions& options) {
  const Scope scope(capture.graph(), name);
  return Encoder(capture, options).run(x, other);
}

}  // namespace trine::nn
