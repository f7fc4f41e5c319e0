// Matrix products in f32: each thread makes Rows x 4 elements of its block's piece. Groups of
// threads (slices) split the inner dimension among them and add up in order at the end: the fewer
// pieces a product has and the longer its inner dimension, the more of them pay, as in gradients of
// weights.
#pragma once

#include "cuda/tiles.cuh"

namespace trine::cuda {

template <int Tile, int Rows, int Slices>
class MatmulBlock {
 public:
  static constexpr int kColumns = 4;
  static constexpr int kAcross = Tile / kColumns;  // threads along a row of the piece
  static constexpr int kGroup = Tile / Rows * kAcross;
  static_assert(kGroup * Slices == kThreads && Rows % 4 == 0 && Rows % Slices == 0);

  // Tiles of every slice's operands, and later every thread's sums.
  using Layout = TileLayout<Tile, 4>;
  static constexpr int kTileWords = 2 * Slices * Layout::kWords;
  static constexpr int kSumWords = kThreads * Rows * kColumns;
  static constexpr int kSharedWords = kTileWords > kSumWords ? kTileWords : kSumWords;
  using Shared = float[kSharedWords];

  TRINE_DEVICE MatmulBlock(const MatmulMember& member, int block)
      : piece_(member, block),
        slice_(static_cast<int>(threadIdx.x) / kGroup),
        lane_(static_cast<int>(threadIdx.x) % kGroup) {}

  // Leaves each slice's sums in shared memory.
  TRINE_DEVICE void multiply(Shared& shared) {
    float* a_tile = shared + 2 * slice_ * Layout::kWords;
    float* b_tile = a_tile + Layout::kWords;
    Loader a(piece_.a(), lane_), b(piece_.b(), lane_);
    a.bring(slice_ * kDepth);
    b.bring(slice_ * kDepth);
    for (int first = slice_ * kDepth, done = 0; done < piece_.inner(); done += kDepth * Slices) {
      a.put(a_tile);
      b.put(b_tile);
      __syncthreads();
      first += kDepth * Slices;
      a.bring(first);
      b.bring(first);
      accumulate(a_tile, b_tile);
      __syncthreads();
    }
    TRINE_UNROLL
    for (int e = 0; e < Rows * kColumns; ++e)
      shared[(slice_ * Rows * kColumns + e) * kGroup + lane_] = total_[e / kColumns][e % kColumns];
    __syncthreads();
  }

  // Calls visit(linear index in the result, value) for each element that this thread ends up with:
  // of the rows of its group's threads every slice finishes some.
  template <class Visit>
  TRINE_DEVICE void for_results(const Shared& shared, Visit visit) const {
    constexpr int kOwn = Rows / Slices;
    TRINE_UNROLL
    for (int i = 0; i < kOwn; ++i) TRINE_UNROLL
    for (int j = 0; j < kColumns; ++j) {
      const int row = slice_ * kOwn + i;
      piece_.if_inside(first_row() + row, own_column() + j * kAcross, [&](int element) {
        visit(element, sum_of_slices(shared, row * kColumns + j));
      });
    }
  }

 private:
  using Loader = TileLoader<Layout, Tile, kGroup>;

  // A thread's rows lie side by side, which makes one load of four; its columns lie apart, so that
  // neighbouring threads store neighbouring words.
  TRINE_DEVICE int first_row() const { return lane_ / kAcross * Rows; }
  TRINE_DEVICE int own_column() const { return lane_ % kAcross; }

  TRINE_DEVICE void accumulate(const float* a_tile, const float* b_tile) {
    TRINE_UNROLL
    for (int p = 0; p < kDepth; ++p) {
      float a[Rows], b[kColumns];
      TRINE_UNROLL
      for (int i = 0; i < Rows; i += 4)
        load_four(a + i, a_tile + p * Layout::kStride + first_row() + i);
      TRINE_UNROLL
      for (int j = 0; j < kColumns; ++j)
        b[j] = b_tile[p * Layout::kStride + own_column() + j * kAcross];
      TRINE_UNROLL
      for (int i = 0; i < Rows; ++i) TRINE_UNROLL
      for (int j = 0; j < kColumns; ++j) total_[i][j] += a[i] * b[j];
    }
  }

  TRINE_DEVICE float sum_of_slices(const Shared& shared, int element) const {
    float total = 0.0f;
    TRINE_UNROLL
    for (int s = 0; s < Slices; ++s)
      total += shared[(s * Rows * kColumns + element) * kGroup + lane_];
    return total;
  }

  Piece<Tile> piece_;
  int slice_, lane_;
  float total_[Rows][kColumns] = {};
};

template <class Block, class Body>
TRINE_DEVICE void matmul(const LaunchArgs& args) {
  alignas(16) __shared__ typename Block::Shared shared;
  const MatmulMember* record = find_record<MatmulMember>(args);
  const MatmulMember member = read_only(record);
  Block block(member, static_cast<int>(blockIdx.x) - member.first_block);
  block.multiply(shared);
  const Points points = read_only(not_before(&record->points));
  block.for_results(shared,
                    [&](int element, float value) { finish<Body>(args, points, element, value); });
}

}  // namespace trine::cuda
