// Matrix products on tensor cores: operands rounded to TF32 (10 bits of mantissa), sums in f32.
// Each of a block's eight warps makes 32 x 16 elements of a 64 x 64 piece out of 16 x 8 x 8
// products. Who holds what in those: PTX ISA, "Matrix Fragments for mma.m16n8k8".
#pragma once

#include "cuda/matmul.cuh"
#include "cuda/warp.cuh"

namespace trine::cuda {

// To nearest, ties away from zero, as cvt.rna.tf32.f32 rounds. NaN whose bits are all ones would
// carry into the sign.
TRINE_DEVICE float round_to_tf32(float x) {
  if (x != x) return x;
  return __uint_as_float((__float_as_uint(x) + 0x1000u) & ~0x1fffu);
}

// c += a b over a warp: a is 16 x 8, b is 8 x 8. Below compute capability 8.0, and in the
// emulation, lanes hand each other what they hold.
TRINE_DEVICE void multiply_in_warp(float (&c)[4], const float (&a)[4], const float (&b)[2]) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
  asm("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, "
      "{%8, %9}, {%0, %1, %2, %3};"
      : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
      : "r"(__float_as_uint(a[0])), "r"(__float_as_uint(a[1])), "r"(__float_as_uint(a[2])),
        "r"(__float_as_uint(a[3])), "r"(__float_as_uint(b[0])), "r"(__float_as_uint(b[1])));
#else
  const int group = lane_in_warp() / 4, member = lane_in_warp() % 4;
  for (int k = 0; k < 8; ++k) {
    const int half = k / 4, from = group * 4 + k % 4;
    const float upper = __shfl_sync(kAllLanes, a[2 * half], from);
    const float lower = __shfl_sync(kAllLanes, a[2 * half + 1], from);
    const float left = __shfl_sync(kAllLanes, b[half], 8 * member + k % 4);
    const float right = __shfl_sync(kAllLanes, b[half], 8 * member + 4 + k % 4);
    c[0] += upper * left;
    c[1] += upper * right;
    c[2] += lower * left;
    c[3] += lower * right;
  }
#endif
}

class MatmulTf32Block {
 public:
  static constexpr int kTile = 64;
  static constexpr int kRows = 2, kColumns = 2;  // products of a warp: 2 x 16 rows, 2 x 8 columns

  TRINE_DEVICE MatmulTf32Block(const MatmulMember& member, int block) : piece_(member, block) {}

  // With this padding the 32 words of a fragment lie in 32 banks.
  using Layout = TileLayout<kTile, 8>;
  using Shared = float[2 * Layout::kWords];

  TRINE_DEVICE void multiply(Shared& shared) {
    float *a_tile = shared, *b_tile = shared + Layout::kWords;
    Loader a(piece_.a(), static_cast<int>(threadIdx.x)),
        b(piece_.b(), static_cast<int>(threadIdx.x));
    a.bring(0);
    b.bring(0);
    for (int first = 0; first < piece_.inner(); first += kDepth) {
      a.put(a_tile, round_to_tf32);
      b.put(b_tile, round_to_tf32);
      __syncthreads();
      a.bring(first + kDepth);
      b.bring(first + kDepth);
      TRINE_UNROLL
      for (int p = 0; p < kDepth; p += 8)
        accumulate(a_tile + p * Layout::kStride, b_tile + p * Layout::kStride);
      __syncthreads();
    }
  }

  template <class Visit>
  TRINE_DEVICE void for_results(const Shared&, Visit visit) const {
    TRINE_UNROLL
    for (int i = 0; i < kRows; ++i) TRINE_UNROLL
    for (int j = 0; j < kColumns; ++j) TRINE_UNROLL
    for (int e = 0; e < 4; ++e)
      piece_.if_inside(own_row(i) + e / 2 * 8, first_column(j) + 2 * member() + e % 2,
                       [&](int element) { visit(element, total_[i][j][e]); });
  }

 private:
  using Loader = TileLoader<Layout, kTile, kThreads>;

  // In a fragment a lane has a row (or column of b) by its group and two places by its number
  // there.
  TRINE_DEVICE static int group() { return lane_in_warp() / 4; }
  TRINE_DEVICE static int member() { return lane_in_warp() % 4; }
  TRINE_DEVICE static int own_row(int i) { return warp_in_block() / 4 * 32 + i * 16 + group(); }
  TRINE_DEVICE static int first_column(int j) { return warp_in_block() % 4 * 16 + j * 8; }

  TRINE_DEVICE void accumulate(const float* a_tile, const float* b_tile) {
    float a[kRows][4], b[kColumns][2];
    TRINE_UNROLL
    for (int i = 0; i < kRows; ++i) TRINE_UNROLL
    for (int e = 0; e < 4; ++e)
      a[i][e] = a_tile[(member() + e / 2 * 4) * Layout::kStride + own_row(i) + e % 2 * 8];
    TRINE_UNROLL
    for (int j = 0; j < kColumns; ++j) TRINE_UNROLL
    for (int e = 0; e < 2; ++e)
      b[j][e] = b_tile[(member() + e * 4) * Layout::kStride + first_column(j) + group()];
    TRINE_UNROLL
    for (int i = 0; i < kRows; ++i) TRINE_UNROLL
    for (int j = 0; j < kColumns; ++j) multiply_in_warp(total_[i][j], a[i], b[j]);
  }

  Piece<kTile> piece_;
  float total_[kRows][kColumns][4] = {};
};

}  // namespace trine::cuda
