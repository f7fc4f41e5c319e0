// Scaled dot-product attention as one op (Vaswani et al. 2017, section 3.2.1). Neither pass stores
// the (N_q, N_k) weights: the backward pass makes them again from the row statistics, as in
// FlashAttention (Dao et al. 2022).
#pragma once

#include <optional>

#include "engine/graph.h"

namespace trine {

struct AttentionOptions {
  // Column j of row i takes part only where j <= i + causal_offset. Nothing: all columns.
  std::optional<std::int64_t> causal_offset;
  // Rate of the dropout on the weights. Element j of the mask of row r = (batch, head, query) is
  // draw r * (N_k rounded up to a multiple of 4) + j.
  double dropout = 0.0;
  // (B, N_k), 1 where a key takes part and 0 where it is padding; an empty handle: all take part.
  Tensor key_mask;
};

// q (B, N_q, H, w), k and v (B, N_k, H, w) -> (B, N_q, H, w): softmax(q k' / sqrt(w)) v for each
// batch and head. A row that no key is visible to gives zeros.
Tensor attention(Tensor q, Tensor k, Tensor v, const AttentionOptions& options = {});

}  // namespace trine
