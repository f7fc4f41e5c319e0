#include "engine/nn/multi_head_attention.h"

#include <array>

#include "engine/error.h"
#include "engine/nn/layers.h"
#include "engine/ops/attention.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/matmul.h"
#include "engine/ops/views.h"

namespace trine::nn {
namespace {

struct Projected {
  Tensor q, k, v;  // (B, N, d)
};

// Rows `first`, first + 1, ... of (q, k, v), `blocks` of them, applied to x: (B, N, blocks * d).
Tensor project(Tensor x, Tensor weight, Tensor bias, std::int64_t first, std::int64_t blocks) {
  const std::int64_t width = x.dim(-1);
  const std::int64_t from = first * width, to = (first + blocks) * width;
  return matmul(x, transpose(slice(weight, 0, from, to))) + slice(bias, 0, from, to);
}

Tensors equal_parts(Tensor x, std::size_t blocks) {
  const std::vector<std::int64_t> sizes(blocks, x.dim(-1) / static_cast<std::int64_t>(blocks));
  return split(x, -1, sizes);
}

Projected project_all(Capture& capture, Tensor query, Tensor key, Tensor value) {
  const std::int64_t width = query.dim(-1);
  // The fans are those of the whole matrix, as in the authors' and fairseq's initialisation.
  const Tensor weight =
      capture.parameter("in_proj_weight", {3 * width, width}, xavier_uniform(width, 3 * width));
  const Tensor bias = capture.parameter("in_proj_bias", {3 * width}, kZeros);
  if (key != value)
    return {project(query, weight, bias, 0, 1), project(key, weight, bias, 1, 1),
            project(value, weight, bias, 2, 1)};
  if (query != key) {
    const Tensors kv = equal_parts(project(key, weight, bias, 1, 2), 2);
    return {project(query, weight, bias, 0, 1), kv[0], kv[1]};
  }
  const Tensors qkv = equal_parts(project(query, weight, bias, 0, 3), 3);
  return {qkv[0], qkv[1], qkv[2]};
}

}  // namespace

Tensor multi_head_attention(Capture& capture, std::string_view name, Tensor query, Tensor key,
                            Tensor value, const MultiHeadOptions& options) {
  const Scope scope(capture.graph(), name);
  const std::int64_t width = query.dim(-1);
  if (options.heads < 1 || width % options.heads != 0)
    fail("multi_head_attention: {} heads do not divide the width {} in {}", options.heads, width,
         capture.graph().scope());
  const Projected p = project_all(capture, query, key, value);
  const auto in_heads = [&](Tensor x) {
    return reshape(x, {x.dim(0), x.dim(1), options.heads, width / options.heads});
  };
  const Tensor mixed = attention(in_heads(p.q), in_heads(p.k), in_heads(p.v),
                                 {.causal_offset = options.causal_offset,
                                  .dropout = capture.rate(options.dropout),
                                  .key_mask = {}});
  return linear(capture, "out_proj", reshape(mixed, query.shape()), width, LinearInit::xavier);
}

}  // namespace trine::nn
