// The sum of all updates of each row, without atomics: a thread owns elements of the result and
// takes their updates in the order of the index. A block looks through the index together and
// passes over those stretches that name none of its rows, which of a large table are nearly all.
#pragma once

#include "cuda/elementwise.cuh"

namespace trine::cuda {

// The row that update `i` goes to; none beyond the last.
TRINE_DEVICE int row_of_update(const ScatterAddMember& m, int i) {
  return i < m.updates ? max(0, min(m.index[i], m.rows - 1)) : -1;
}

TRINE_DEVICE void scatter_add(const LaunchArgs& args) {
  __shared__ int rows[kThreads];
  int block;
  const ScatterAddMember m = find_member<ScatterAddMember>(args, block);
  const int own = static_cast<int>(threadIdx.x);
  const int first = block * kElementsPerThread * kThreads;
  const int last = min(first + kElementsPerThread * kThreads, m.count) - 1;
  const int low = first / m.width, high = last / m.width;

  float totals[kElementsPerThread] = {};
  for (int stretch = 0; stretch < m.updates; stretch += kThreads) {
    const int row = row_of_update(m, stretch + own);
    rows[own] = row;
    if (!__syncthreads_or(low <= row && row <= high)) continue;
    TRINE_UNROLL
    for (int k = 0; k < kElementsPerThread; ++k) {
      const int element = first + k * kThreads + own;
      const int wanted = element / m.width, column = element % m.width;
      for (int i = 0; i < kThreads; ++i)
        if (rows[i] == wanted) totals[k] += m.from[(stretch + i) * m.width + column];
    }
    __syncthreads();
  }
  TRINE_UNROLL
  for (int k = 0; k < kElementsPerThread; ++k) {
    const int element = first + k * kThreads + own;
    if (element <= last) m.out[element] = totals[k];
  }
}

}  // namespace trine::cuda
