// The sum of all updates of each row, without atomics: a thread owns an element of the result and
// takes its updates in the order of the index.
#pragma once

#include "cuda/elementwise.cuh"

namespace trine::cuda {

TRINE_DEVICE void scatter_add(const LaunchArgs& args) {
  int block;
  const ScatterAddMember m = find_member<ScatterAddMember>(args, block);
  for_own_elements(block, m.count, [&](int element) {
    const int row = element / m.width, column = element % m.width;
    float total = 0.0f;
    for (int i = 0; i < m.updates; ++i)
      if (max(0, min(m.index[i], m.rows - 1)) == row) total += m.from[i * m.width + column];
    m.out[element] = total;
  });
}

}  // namespace trine::cuda
