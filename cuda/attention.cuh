// Scaled dot-product attention without storing weights: a thread a query, keys and values in tiles
// through shared memory, a running maximum and sum (the online softmax of Milakov and Gimelshein
// 2018). The row statistics log(sum exp(score)) serve the gradient.
#pragma once

#include "cuda/heads.cuh"

namespace trine::cuda {

// A softmax-weighted sum of rows that arrive one by one.
template <int Width>
struct RunningSoftmax {
  float largest = -3.0e38f;  // not -infinity, which a score may be: the two would differ by NaN
  float total = 0.0f;
  float sum[Width] = {};
  bool any = false;

  TRINE_DEVICE void add(float score, float factor, const float (&value)[Width]) {
    any = true;
    if (score > largest) {
      const float shrink = exp(largest - score);
      total *= shrink;
      TRINE_UNROLL
      for (int c = 0; c < Width; ++c) sum[c] *= shrink;
      largest = score;
    }
    const float weight = exp(score - largest);
    total += weight;
    add_scaled(sum, weight * factor, value);
  }

  // What the weights add up to: 0 of no scores, NaN of scores that are all -infinity.
  TRINE_DEVICE float divisor() const {
    return any && total == 0.0f ? __uint_as_float(0x7fc00000u) : total;
  }
};

template <int Width>
TRINE_DEVICE void attention(const LaunchArgs& args) {
  __shared__ float keys[kTileRows][Width];
  __shared__ float values[kTileRows][Width];
  int block;
  const AttentionMember m = find_member<AttentionMember>(args, block);
  const HeadPiece at(m, block, m.query_blocks);
  const int query = at.own();
  const bool inside = query < m.queries;
  const float* mask = m.mask ? m.mask + at.batch * m.keys : nullptr;

  float q[Width];
  load_row(q, head_of(m.q, at) + query * m.q.step, m.width, inside);
  RunningSoftmax<Width> row;
  WeightDropout dropout(args, m, at);
  const int seen = inside ? seen_keys(m, query) : 0;
  const int seen_by_block = seen_keys(m, min((at.piece + 1) * kAttentionThreads, m.queries) - 1);
  for (int first = 0; first < seen_by_block; first += kTileRows) {
    load_tile(keys, head_of(m.k, at), m.k.step, first, m.keys, m.width, m.scale);
    load_tile(values, head_of(m.v, at), m.v.step, first, m.keys, m.width, 1.0f);
    __syncthreads();
    for (int j = first; j < min(first + kTileRows, seen); ++j)
      if (!mask || mask[j] != 0.0f)
        row.add(dot(q, keys[j - first]), dropout.factor(query, j), values[j - first]);
    __syncthreads();
  }
  if (!inside) return;
  const float total = row.divisor();
  store_row(m.out + dense_head(m, at, m.queries) + query * m.heads * m.width, row.sum, m.width,
            total != 0.0f ? 1.0f / total : 0.0f);
  m.statistics[(at.batch * m.heads + at.head) * m.queries + query] =
      total != 0.0f ? row.largest + log(total) : 0.0f;
}

}  // namespace trine::cuda
