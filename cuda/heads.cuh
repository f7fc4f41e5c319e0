// What attention and its gradient share: tiles of rows of one head in shared memory, and the
// dropout of single weights. A thread owns a query or a key and keeps its row in registers, padded
// with zeros to `Width`.
#pragma once

#include "cuda/expression.cuh"

namespace trine::cuda {

constexpr int kTileRows = 32;

// Which piece of which head a block works on.
struct HeadPiece {
  int batch, head, piece;

  TRINE_DEVICE HeadPiece(const AttentionMember& m, int block, int pieces)
      : batch(block / pieces / m.heads), head(block / pieces % m.heads), piece(block % pieces) {}

  TRINE_DEVICE int own() const { return piece * kAttentionThreads + static_cast<int>(threadIdx.x); }
};

// The first element of a head in a strided operand, and in a dense (batch, steps, heads, width).
TRINE_DEVICE const float* head_of(const Heads& x, const HeadPiece& at) {
  return x.data + at.batch * x.batch + at.head * x.head;
}
TRINE_DEVICE int dense_head(const AttentionMember& m, const HeadPiece& at, int steps) {
  return (at.batch * steps * m.heads + at.head) * m.width;
}

template <int Width>
TRINE_DEVICE void load_row(float (&row)[Width], const float* from, int width, bool inside) {
  TRINE_UNROLL
  for (int c = 0; c < Width; ++c) row[c] = inside && c < width ? from[c] : 0.0f;
}

template <int Width>
TRINE_DEVICE void store_row(float* to, const float (&row)[Width], int width, float scale) {
  TRINE_UNROLL
  for (int c = 0; c < Width; ++c)
    if (c < width) to[c] = row[c] * scale;
}

// Rows first .. first + kTileRows - 1 of `steps`, scaled, zeros beyond.
template <int Width>
TRINE_DEVICE void load_tile(float (&tile)[kTileRows][Width], const float* head, int row_stride,
                            int first, int steps, int width, float scale) {
  for (int e = static_cast<int>(threadIdx.x); e < kTileRows * Width; e += kAttentionThreads) {
    const int r = e / Width, c = e % Width;
    const bool inside = first + r < steps && c < width;
    tile[r][c] = inside ? head[(first + r) * row_stride + c] * scale : 0.0f;
  }
}

template <int Width>
TRINE_DEVICE float dot(const float (&x)[Width], const float (&y)[Width]) {
  float total = 0.0f;
  TRINE_UNROLL
  for (int c = 0; c < Width; ++c) total += x[c] * y[c];
  return total;
}

template <int Width>
TRINE_DEVICE void add_scaled(float (&total)[Width], float scale, const float (&x)[Width]) {
  TRINE_UNROLL
  for (int c = 0; c < Width; ++c) total[c] += scale * x[c];
}

// What dropout multiplies the weights of one head by; draws count (batch, head, query, key), each
// row beginning with a whole block of four.
class WeightDropout {
 public:
  TRINE_DEVICE WeightDropout(const LaunchArgs& args, const AttentionMember& m, const HeadPiece& at)
      : draws_(args.step, m.id),
        rate_(m.rate),
        scale_(1.0f / (1.0f - m.rate)),
        keys_((m.keys + 3) / 4 * 4),
        first_((static_cast<unsigned long long>(at.batch) * m.heads + at.head) * m.queries) {}

  TRINE_DEVICE float factor(int query, int key) {
    if (rate_ == 0.0f) return 1.0f;
    return draws_.uniform((first_ + query) * keys_ + key) >= rate_ ? scale_ : 0.0f;
  }

 private:
  Draws draws_;
  float rate_, scale_;
  int keys_;
  unsigned long long first_;
};

// Keys that query `query` sees, were none masked.
TRINE_DEVICE int seen_keys(const AttentionMember& m, int query) {
  return max(0, min(query + m.visible, m.keys));
}

}  // namespace trine::cuda
