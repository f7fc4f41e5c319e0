// Matrix products in f32: each thread makes 4 x 4 elements of its block's piece. `Slices` groups of
// threads split the inner dimension among them and add up in order at the end: for products with
// few pieces and a long inner dimension, as weight gradients are.
#pragma once

#include "cuda/tiles.cuh"

namespace trine::cuda {

template <int Tile, int Slices>
class MatmulBlock {
 public:
  static constexpr int kPer = 4;             // rows and columns of a thread
  static constexpr int kSide = Tile / kPer;  // threads along a side
  static constexpr int kGroup = kSide * kSide;
  static_assert(kGroup * Slices == kThreads);

  TRINE_DEVICE MatmulBlock(const MatmulMember& member, int block)
      : piece_(member, block),
        slice_(static_cast<int>(threadIdx.x) / kGroup),
        lane_(static_cast<int>(threadIdx.x) % kGroup) {}

  TRINE_DEVICE void multiply() {
    __shared__ SharedTile<Tile> a_tile[Slices];
    __shared__ SharedTile<Tile> b_tile[Slices];
    for (int first = 0; first < piece_.inner(); first += kDepth * Slices) {
      piece_.load_a(a_tile[slice_], first + slice_ * kDepth, lane_, kGroup);
      piece_.load_b(b_tile[slice_], first + slice_ * kDepth, lane_, kGroup);
      __syncthreads();
      accumulate(a_tile[slice_], b_tile[slice_]);
      __syncthreads();
    }
    if (Slices > 1) add_slices();
  }

  // Calls visit(linear index in the result, value) for each element that this thread ends up with.
  template <class Visit>
  TRINE_DEVICE void for_results(Visit visit) const {
    if (slice_ != 0) return;
    TRINE_UNROLL
    for (int i = 0; i < kPer; ++i) TRINE_UNROLL
    for (int j = 0; j < kPer; ++j)
      piece_.if_inside(own_row() + i * kSide, own_column() + j * kSide,
                       [&](int element) { visit(element, total_[i][j]); });
  }

 private:
  TRINE_DEVICE int own_row() const { return lane_ / kSide; }
  TRINE_DEVICE int own_column() const { return lane_ % kSide; }

  TRINE_DEVICE void accumulate(const SharedTile<Tile>& a_tile, const SharedTile<Tile>& b_tile) {
    TRINE_UNROLL
    for (int p = 0; p < kDepth; ++p) {
      float a[kPer], b[kPer];
      TRINE_UNROLL
      for (int i = 0; i < kPer; ++i) a[i] = a_tile[p][own_row() + i * kSide];
      TRINE_UNROLL
      for (int j = 0; j < kPer; ++j) b[j] = b_tile[p][own_column() + j * kSide];
      TRINE_UNROLL
      for (int i = 0; i < kPer; ++i) TRINE_UNROLL
      for (int j = 0; j < kPer; ++j) total_[i][j] += a[i] * b[j];
    }
  }

  TRINE_DEVICE void add_slices() {
    __shared__ float others[Slices][kPer * kPer][kGroup];
    TRINE_UNROLL
    for (int e = 0; e < kPer * kPer; ++e) others[slice_][e][lane_] = total_[e / kPer][e % kPer];
    __syncthreads();
    for (int s = 1; s < Slices; ++s) TRINE_UNROLL
    for (int e = 0; e < kPer * kPer; ++e) total_[e / kPer][e % kPer] += others[s][e][lane_];
  }

  Piece<Tile> piece_;
  int slice_, lane_;
  float total_[kPer][kPer] = {};
};

template <class Block, class Body>
TRINE_DEVICE void matmul(const LaunchArgs& args) {
  int number;
  const MatmulMember& member = find_member<MatmulMember>(args, number);
  Block block(member, number);
  block.multiply();
  block.for_results(
      [&](int element, float value) { finish<Body>(args, member.points, element, value); });
}

}  // namespace trine::cuda
