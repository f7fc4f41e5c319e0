// Layer normalization of rows, a warp a row: the mean first, then the variance about it.
#pragma once

#include "cuda/expression.cuh"
#include "cuda/warp.cuh"

namespace trine::cuda {

TRINE_DEVICE void layer_norm(const LaunchArgs& args) {
  int block;
  const LayerNormMember m = find_member<LayerNormMember>(args, block);
  const int row = block * kWarpsPerBlock + warp_in_block();
  if (row >= m.rows) return;  // the whole warp
  const float* x = m.x + row * m.width;
  const float scale = 1.0f / static_cast<float>(m.width);

  float total = 0.0f;
  for (int j = lane_in_warp(); j < m.width; j += kWarp) total += x[j];
  const float mean = warp_sum(total) * scale;
  float squares = 0.0f;
  for (int j = lane_in_warp(); j < m.width; j += kWarp) squares += (x[j] - mean) * (x[j] - mean);
  const float rstd = 1.0f / sqrt(warp_sum(squares) * scale + m.epsilon);

  for (int j = lane_in_warp(); j < m.width; j += kWarp)
    m.out[row * m.width + j] = (x[j] - mean) * rstd * m.gamma[j] + m.beta[j];
  if (lane_in_warp() == 0) {
    m.mean[row] = mean;
    m.rstd[row] = rstd;
  }
}

}  // namespace trine::cuda
