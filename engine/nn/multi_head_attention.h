// Multi-head attention (Vaswani et al. 2017, section 3.2.2) with the parameters of PyTorch's and
// fairseq's module: one weight for the three input products, rows q, k, v.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/nn/capture.h"

namespace trine::nn {

struct MultiHeadOptions {
  std::int64_t heads = 1;
  double dropout = 0.0;                       // on the weights, in training
  std::optional<std::int64_t> causal_offset;  // as in AttentionOptions
};

// query (B, N_q, d), key and value (B, N_k, d) -> (B, N_q, d). Operands that are the same tensor
// share one product. Parameters: NAME.in_proj_weight (3d, d), .in_proj_bias (3d),
// .out_proj.weight (d, d), .out_proj.bias (d). Error unless the heads divide d.
Tensor multi_head_attention(Capture& capture, std::string_view name, Tensor query, Tensor key,
                            Tensor value, const MultiHeadOptions& options);

}  // namespace trine::nn
