// Gradient of layer normalization with respect to its input, a warp a row:
// dx = rstd (h - mean(h) - xhat mean(h xhat)) with h = g gamma and xhat the normalized row.
#pragma once

#include "cuda/expression.cuh"
#include "cuda/warp.cuh"

namespace trine::cuda {

template <class Body>
TRINE_DEVICE void layer_norm_grad(const LaunchArgs& args) {
  int block;
  const LayerNormGradMember m = find_member<LayerNormGradMember>(args, block);
  const int row = block * kWarpsPerBlock + warp_in_block();
  if (row >= m.rows) return;  // the whole warp
  const float* x = m.x + row * m.width;
  const float* g = m.g + row * m.width;
  const float mean = m.mean[row], rstd = m.rstd[row];
  const float scale = 1.0f / static_cast<float>(m.width);

  float total_h = 0.0f, total_hx = 0.0f;
  for (int j = lane_in_warp(); j < m.width; j += kWarp) {
    const float h = g[j] * m.gamma[j];
    total_h += h;
    total_hx += h * ((x[j] - mean) * rstd);
  }
  const float mean_h = warp_sum(total_h) * scale;
  const float mean_hx = warp_sum(total_hx) * scale;

  for (int j = lane_in_warp(); j < m.width; j += kWarp) {
    const float dx = rstd * (g[j] * m.gamma[j] - mean_h - (x[j] - mean) * rstd * mean_hx);
    finish<Body>(args, m.points, row * m.width + j, dx);
  }
}

}  // namespace trine::cuda
