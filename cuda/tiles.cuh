// How matrix products cut their work: a block makes one Tile x Tile piece of one product and reads
// its operands through shared memory, `kDepth` inner elements at a time.
#pragma once

#include "cuda/expression.cuh"

namespace trine::cuda {

constexpr int kDepth = 16;

// An operand's tile in shared memory: kDepth rows, an inner element each, of Tile words and a few
// more that spread the rows over the memory banks.
template <int Tile, int Padding>
struct TileLayout {
  static constexpr int kStride = Tile + Padding;
  static constexpr int kWords = kDepth * kStride;
};

// An operand seen as (extent, inner) with strides, its tile beginning at row `first`. What is a
// column of b is a row here.
struct TileSource {
  Global<const float> data;
  int stride, inner_stride;
  int first, extent, inner;
  bool along_inner;  // neighbouring threads read along the inner dimension, else along the rows
};

// Brings tiles of an operand, Threads of which this is number `thread` sharing the work. First all
// loads go out to registers, so that they wait for memory together and while the tile before is
// still in use; put() then stores them. Where they lie is worked out once.
template <class Layout, int Tile, int Threads>
class TileLoader {
 public:
  static constexpr int kLoads = Tile * kDepth / Threads;
  static_assert(Threads % kDepth == 0 && Threads % Tile == 0 && kLoads * Threads == Tile * kDepth);

  TRINE_DEVICE TileLoader(const TileSource& from, int thread) {
    const int row = from.along_inner ? thread / kDepth : thread % Tile;
    const int inner = from.along_inner ? thread % kDepth : thread / Tile;
    row_step_ = from.along_inner ? Threads / kDepth : 0;
    inner_step_ = from.along_inner ? 0 : Threads / Tile;
    rows_left_ = from.extent - from.first - row;
    inner_left_ = from.inner - inner;
    inner_stride_ = from.inner_stride;
    next_ = from.data + (from.first + row) * from.stride + inner * from.inner_stride;
    step_ = row_step_ * from.stride + inner_step_ * from.inner_stride;
    place_ = inner * Layout::kStride + row;
    place_step_ = inner_step_ * Layout::kStride + row_step_;
  }

  // Loads the tile that begins at inner element `first`, zeros beyond the edges.
  TRINE_DEVICE void bring(int first) {
    const Global<const float> from = next_ + first * inner_stride_;
    TRINE_UNROLL
    for (int i = 0; i < kLoads; ++i) {
      const bool inside = (i * row_step_ < rows_left_) & (first + i * inner_step_ < inner_left_);
      values_[i] = inside ? from[i * step_] : 0.0f;
    }
  }

  template <class Convert>
  TRINE_DEVICE void put(float* tile, Convert convert) const {
    TRINE_UNROLL
    for (int i = 0; i < kLoads; ++i) tile[place_ + i * place_step_] = convert(values_[i]);
  }
  TRINE_DEVICE void put(float* tile) const {
    put(tile, [](float x) { return x; });
  }

 private:
  Global<const float> next_;
  int step_, row_step_, inner_step_, inner_stride_;
  int rows_left_, inner_left_;
  int place_, place_step_;
  float values_[kLoads];
};

// The piece of a product that a block makes, and its operands.
template <int Tile>
class Piece {
 public:
  TRINE_DEVICE Piece(const MatmulMember& member, int block)
      : m_(member),
        row_(block / member.tiles_n % member.tiles_m * Tile),
        column_(block % member.tiles_n * Tile),
        batch_(block / member.tiles_n / member.tiles_m),
        at_(coordinates_of(member.batch, batch_)) {}

  TRINE_DEVICE int inner() const { return m_.k; }

  TRINE_DEVICE TileSource a() const {
    return {m_.a + offset_of(m_.batch, m_.a_batch, at_),
            m_.a_row,
            m_.a_column,
            row_,
            m_.m,
            m_.k,
            m_.a_column == 1};
  }
  TRINE_DEVICE TileSource b() const {
    return {m_.b + offset_of(m_.batch, m_.b_batch, at_),
            m_.b_column,
            m_.b_row,
            column_,
            m_.n,
            m_.k,
            m_.b_column != 1};
  }

  // Calls visit(linear index in the result) if the piece's element (i, j) lies inside.
  template <class Visit>
  TRINE_DEVICE void if_inside(int i, int j, Visit visit) const {
    if (row_ + i < m_.m && column_ + j < m_.n)
      visit((batch_ * m_.m + row_ + i) * m_.n + column_ + j);
  }

 private:
  const MatmulMember& m_;
  int row_, column_, batch_;
  Coordinates at_;
};

}  // namespace trine::cuda
