// Gradient of attention by recomputation. With P the weights, M the dropout factors and
// delta = rowsum(g out):  dS = P (M (g v') - delta),  dQ = scale dS k,  dK = scale dS' q,
// dV = (P M)' g. Blocks of queries make dQ; blocks of keys walk the queries again and make dK and
// dV, so that every sum has one owner and one order.
#pragma once

#include "cuda/heads.cuh"

namespace trine::cuda {

// Blocks of queries: a thread keeps q, g and dq of its query; keys and values come in tiles.
template <int Width>
TRINE_DEVICE void query_gradient(const LaunchArgs& args, const AttentionMember& m,
                                 const HeadPiece& at, float (&keys)[kTileRows][Width],
                                 float (&values)[kTileRows][Width]) {
  const int query = at.own();
  const bool inside = query < m.queries;
  const float* mask = m.mask ? m.mask + at.batch * m.keys : nullptr;
  const int place = dense_head(m, at, m.queries) + query * m.heads * m.width;

  float q[Width], g[Width], out[Width], dq[Width] = {};
  load_row(q, head_of(m.q, at) + query * m.q.step, m.width, inside);
  load_row(g, m.g + place, m.width, inside);
  load_row(out, m.out + place, m.width, inside);
  const float delta = dot(g, out);
  const float statistic =
      inside ? m.statistics[(at.batch * m.heads + at.head) * m.queries + query] : 0.0f;
  WeightDropout dropout(args, m, at);
  const int seen = inside ? seen_keys(m, query) : 0;
  const int seen_by_block = seen_keys(m, min((at.piece + 1) * kAttentionThreads, m.queries) - 1);
  for (int first = 0; first < seen_by_block; first += kTileRows) {
    load_tile(keys, head_of(m.k, at), m.k.step, first, m.keys, m.width, m.scale);
    load_tile(values, head_of(m.v, at), m.v.step, first, m.keys, m.width, 1.0f);
    __syncthreads();
    for (int j = first; j < min(first + kTileRows, seen); ++j) {
      if (mask && mask[j] == 0.0f) continue;
      const float weight = exp(dot(q, keys[j - first]) - statistic);
      const float dp = dropout.factor(query, j) * dot(g, values[j - first]);
      add_scaled(dq, weight * (dp - delta), keys[j - first]);  // the keys carry the scale
    }
    __syncthreads();
  }
  if (inside) store_row(m.dq + place, dq, m.width, 1.0f);
}

// Blocks of keys: a thread keeps k, v, dk and dv of its key; queries come in tiles.
template <int Width>
TRINE_DEVICE void key_gradient(const LaunchArgs& args, const AttentionMember& m,
                               const HeadPiece& at, float (&queries)[kTileRows][Width],
                               float (&cotangents)[kTileRows][Width]) {
  __shared__ float deltas[kTileRows];
  __shared__ float statistics[kTileRows];
  const int key = at.own();
  const bool inside = key < m.keys && (!m.mask || m.mask[at.batch * m.keys + key] != 0.0f);
  const int dense = dense_head(m, at, m.queries), stride = m.heads * m.width;

  float k[Width], v[Width], dk[Width] = {}, dv[Width] = {};
  load_row(k, head_of(m.k, at) + key * m.k.step, m.width, key < m.keys);
  load_row(v, head_of(m.v, at) + key * m.v.step, m.width, key < m.keys);
  WeightDropout dropout(args, m, at);
  // Queries before this one see no key of the block.
  const int first_query = max(0, at.piece * kAttentionThreads - m.visible + 1);
  for (int first = first_query; first < m.queries; first += kTileRows) {
    load_tile(queries, head_of(m.q, at), m.q.step, first, m.queries, m.width, m.scale);
    load_tile(cotangents, m.g + dense, stride, first, m.queries, m.width, 1.0f);
    const int own = first + static_cast<int>(threadIdx.x);
    if (static_cast<int>(threadIdx.x) < kTileRows && own < m.queries) {
      float delta = 0.0f;
      for (int c = 0; c < m.width; ++c)
        delta += m.g[dense + own * stride + c] * m.out[dense + own * stride + c];
      deltas[threadIdx.x] = delta;
      statistics[threadIdx.x] = m.statistics[(at.batch * m.heads + at.head) * m.queries + own];
    }
    __syncthreads();
    for (int i = first; inside && i < min(first + kTileRows, m.queries); ++i) {
      if (key >= seen_keys(m, i)) continue;
      const int r = i - first;
      const float weight = exp(dot(k, queries[r]) - statistics[r]);
      const float factor = dropout.factor(i, key);
      add_scaled(dv, weight * factor, cotangents[r]);
      add_scaled(dk, weight * (factor * dot(v, cotangents[r]) - deltas[r]), queries[r]);
    }
    __syncthreads();
  }
  if (key >= m.keys) return;
  const int place = dense_head(m, at, m.keys) + key * stride;
  store_row(m.dk + place, dk, m.width, 1.0f);
  store_row(m.dv + place, dv, m.width, 1.0f);
}

template <int Width>
TRINE_DEVICE void attention_grad(const LaunchArgs& args) {
  __shared__ float tile[kTileRows][Width];
  __shared__ float other[kTileRows][Width];
  int block;
  const AttentionMember m = find_member<AttentionMember>(args, block);
  const int query_part = m.batch * m.heads * m.query_blocks;
  if (block < query_part)
    query_gradient(args, m, HeadPiece(m, block, m.query_blocks), tile, other);
  else
    key_gradient(args, m, HeadPiece(m, block - query_part, m.key_blocks), tile, other);
}

}  // namespace trine::cuda
