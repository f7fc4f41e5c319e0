// Sparsemax of rows, a warp a row. The threshold t makes max(0, x - t) add up to 1; Newton's method
// finds it from below in a few rounds (Michelot 1986), and ends where the elements above it are
// those that made it.
#pragma once

#include "cuda/expression.cuh"
#include "cuda/warp.cuh"

namespace trine::cuda {

TRINE_DEVICE void sparsemax(const LaunchArgs& args) {
  int block;
  const SparsemaxMember m = find_member<SparsemaxMember>(args, block);
  const int row = block * kWarpsPerBlock + warp_in_block();
  if (row >= m.rows) return;  // the whole warp
  const float* x = m.x + row * m.width;
  float* out = m.out + row * m.width;

  float largest = __uint_as_float(0xff800000u);
  for (int j = lane_in_warp(); j < m.width; j += kWarp) largest = max(largest, x[j]);
  largest = warp_max(largest);

  // Less the largest, so that the first threshold, -1, is below the one that is sought.
  float threshold = -1.0f, kept = static_cast<float>(m.width) + 1.0f;
  while (true) {
    float number = 0.0f, total = 0.0f;
    for (int j = lane_in_warp(); j < m.width; j += kWarp) {
      const float z = x[j] - largest;
      if (z > threshold) {
        number += 1.0f;
        total += z;
      }
    }
    number = warp_sum(number);
    if (!(number < kept) || number == 0.0f) break;
    threshold = (warp_sum(total) - 1.0f) / number;
    kept = number;
  }
  // NaN where the largest is not finite.
  threshold += largest - largest;
  for (int j = lane_in_warp(); j < m.width; j += kWarp)
    out[j] = max(x[j] - largest - threshold, 0.0f);
}

}  // namespace trine::cuda
