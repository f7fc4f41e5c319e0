// Rows of a table by index. An index outside the table reads its nearest row: a kernel cannot
// throw, and the memory beside the table is somebody else's.
#pragma once

#include "cuda/elementwise.cuh"

namespace trine::cuda {

TRINE_DEVICE void gather(const LaunchArgs& args) {
  int block;
  const GatherMember m = find_member<GatherMember>(args, block);
  for_own_elements(block, m.count, [&](int element) {
    const int row = max(0, min(m.index[element / m.width], m.rows - 1));
    m.out[element] = m.table[row * m.width + element % m.width];
  });
}

}  // namespace trine::cuda
