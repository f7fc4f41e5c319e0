// Softmax and log-softmax of rows: a warp a row, which is read three times and written once.
// Columns beyond the causal edge are skipped and stored as 0.
#pragma once

#include "cuda/expression.cuh"
#include "cuda/warp.cuh"

namespace trine::cuda {

template <bool Log>
TRINE_DEVICE void softmax(const LaunchArgs& args) {
  int block;
  const SoftmaxMember m = find_member<SoftmaxMember>(args, block);
  const int row = block * kWarpsPerBlock + warp_in_block();
  if (row >= m.rows) return;  // the whole warp
  const int seen = max(0, min(row % m.queries + m.visible, m.width));
  const float* x = m.x + row * m.width;
  float* out = m.out + row * m.width;

  float largest = __uint_as_float(0xff800000u);
  for (int j = lane_in_warp(); j < seen; j += kWarp) largest = max(largest, x[j]);
  largest = warp_max(largest);
  float total = 0.0f;
  for (int j = lane_in_warp(); j < seen; j += kWarp) total += exp(x[j] - largest);
  total = warp_sum(total);

  const float shift = largest + log(total), scale = 1.0f / total;
  for (int j = lane_in_warp(); j < m.width; j += kWarp) {
    if (Log)
      out[j] = x[j] - shift;
    else
      out[j] = j < seen ? exp(x[j] - largest) * scale : 0.0f;
  }
}

}  // namespace trine::cuda
