// Kernels whose unit of work is a row of the last axis give a warp to each row.
#pragma once

#include "cuda/members.cuh"
#include "cuda/portable.cuh"

namespace trine::cuda {

constexpr unsigned kAllLanes = 0xffffffffu;
constexpr int kWarpsPerBlock = kThreads / kWarp;

TRINE_DEVICE int lane_in_warp() { return static_cast<int>(threadIdx.x) % kWarp; }
TRINE_DEVICE int warp_in_block() { return static_cast<int>(threadIdx.x) / kWarp; }

// Every lane gets the same bits: the butterfly adds the same pairs in every lane.
TRINE_DEVICE float warp_sum(float value) {
  TRINE_UNROLL
  for (int distance = kWarp / 2; distance > 0; distance /= 2)
    value += __shfl_xor_sync(kAllLanes, value, distance);
  return value;
}

TRINE_DEVICE float warp_max(float value) {
  TRINE_UNROLL
  for (int distance = kWarp / 2; distance > 0; distance /= 2)
    value = max(value, __shfl_xor_sync(kAllLanes, value, distance));
  return value;
}

}  // namespace trine::cuda
