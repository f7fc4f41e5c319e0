// Matrix products in f32: each block makes a Tile x Tile piece of one product, each thread 4 x 4
// elements of it. `Slices` groups of threads split the inner dimension among them and add up in
// order at the end: for products with few tiles and a long inner dimension, as weight gradients are.
#pragma once

#include "cuda/expression.cuh"

namespace trine::cuda {

template <int Tile, int Slices>
class MatmulBlock {
 public:
  static constexpr int kDepth = 16;         // inner elements of one slice in shared memory
  static constexpr int kPer = 4;            // rows and columns of a thread
  static constexpr int kSide = Tile / kPer;  // threads along a side
  static constexpr int kGroup = kSide * kSide;
  static_assert(kGroup * Slices == kThreads);

  TRINE_DEVICE MatmulBlock(const MatmulMember& member, int block)
      : member_(member),
        slice_(static_cast<int>(threadIdx.x) / kGroup),
        lane_(static_cast<int>(threadIdx.x) % kGroup) {
    column_ = block % member.tiles_n * Tile;
    row_ = block / member.tiles_n % member.tiles_m * Tile;
    batch_ = block / member.tiles_n / member.tiles_m;
    const Coordinates c = coordinates_of(member.batch, batch_);
    a_ = member.a + offset_of(member.batch, member.a_batch, c);
    b_ = member.b + offset_of(member.batch, member.b_batch, c);
  }

  TRINE_DEVICE void multiply() {
    __shared__ float a_tile[Slices][kDepth][Tile + 1];
    __shared__ float b_tile[Slices][kDepth][Tile + 1];
    for (int start = 0; start < member_.k; start += kDepth * Slices) {
      const int inner = start + slice_ * kDepth;
      load_a(a_tile[slice_], inner);
      load_b(b_tile[slice_], inner);
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
    for (int i = 0; i < kPer; ++i) {
      const int row = row_ + own_row() + i * kSide;
      if (row >= member_.m) continue;
      TRINE_UNROLL
      for (int j = 0; j < kPer; ++j) {
        const int column = column_ + own_column() + j * kSide;
        if (column < member_.n)
          visit((batch_ * member_.m + row) * member_.n + column, total_[i][j]);
      }
    }
  }

 private:
  TRINE_DEVICE int own_row() const { return lane_ / kSide; }
  TRINE_DEVICE int own_column() const { return lane_ % kSide; }

  // Neighbouring threads read along whichever dimension is contiguous.
  TRINE_DEVICE void load_a(float (&tile)[kDepth][Tile + 1], int inner) const {
    const bool along_rows = member_.a_column == 1;
    for (int e = lane_; e < Tile * kDepth; e += kGroup) {
      const int i = along_rows ? e / kDepth : e % Tile;
      const int p = along_rows ? e % kDepth : e / Tile;
      const bool inside = row_ + i < member_.m && inner + p < member_.k;
      tile[p][i] = inside ? a_[(row_ + i) * member_.a_row + (inner + p) * member_.a_column] : 0.0f;
    }
  }

  TRINE_DEVICE void load_b(float (&tile)[kDepth][Tile + 1], int inner) const {
    const bool along_rows = member_.b_column == 1;
    for (int e = lane_; e < Tile * kDepth; e += kGroup) {
      const int j = along_rows ? e % Tile : e / kDepth;
      const int p = along_rows ? e / Tile : e % kDepth;
      const bool inside = column_ + j < member_.n && inner + p < member_.k;
      tile[p][j] = inside ? b_[(inner + p) * member_.b_row + (column_ + j) * member_.b_column] : 0.0f;
    }
  }

  TRINE_DEVICE void accumulate(const float (&a_tile)[kDepth][Tile + 1],
                               const float (&b_tile)[kDepth][Tile + 1]) {
    TRINE_UNROLL
    for (int p = 0; p < kDepth; ++p) {
      float a[kPer], b[kPer];
      TRINE_UNROLL
      for (int i = 0; i < kPer; ++i) a[i] = a_tile[p][own_row() + i * kSide];
      TRINE_UNROLL
      for (int j = 0; j < kPer; ++j) b[j] = b_tile[p][own_column() + j * kSide];
      TRINE_UNROLL
      for (int i = 0; i < kPer; ++i)
        TRINE_UNROLL
        for (int j = 0; j < kPer; ++j) total_[i][j] += a[i] * b[j];
    }
  }

  TRINE_DEVICE void add_slices() {
    __shared__ float others[Slices][kPer * kPer][kGroup];
    TRINE_UNROLL
    for (int e = 0; e < kPer * kPer; ++e) others[slice_][e][lane_] = total_[e / kPer][e % kPer];
    __syncthreads();
    for (int s = 1; s < Slices; ++s)
      TRINE_UNROLL
      for (int e = 0; e < kPer * kPer; ++e) total_[e / kPer][e % kPer] += others[s][e][lane_];
  }

  const MatmulMember& member_;
  int slice_, lane_;
  int row_, column_, batch_;
  const float *a_, *b_;
  float total_[kPer][kPer] = {};
};

template <int Tile, int Slices, class Body>
TRINE_DEVICE void matmul(const LaunchArgs& args) {
  int number;
  const MatmulMember& member = find_member<MatmulMember>(args, number);
  MatmulBlock<Tile, Slices> block(member, number);
  block.multiply();
  block.for_results(
      [&](int element, float value) { finish<Body>(args, member.points, element, value); });
}

}  // namespace trine::cuda
