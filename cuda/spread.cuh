// Elements placed along an axis from `start`, `every` so many; zeros between them.
#pragma once

#include "cuda/elementwise.cuh"

namespace trine::cuda {

TRINE_DEVICE void spread(const LaunchArgs& args) {
  int block;
  const SpreadMember m = find_member<SpreadMember>(args, block);
  for_own_elements(block, m.count, [&](int element) {
    const int inner = element % m.inner, rest = element / m.inner;
    const int outer = rest / m.extent, place = rest % m.extent - m.start;
    const int position = place / m.every;
    unsigned word = 0;
    if (place >= 0 && place % m.every == 0 && position < m.length) {
      const int from = (outer * m.length + position) * m.inner + inner;
      word = m.x[offset_of(m.domain, m.strides, coordinates_of(m.domain, from))];
    }
    m.out[element] = word;
  });
}

}  // namespace trine::cuda
