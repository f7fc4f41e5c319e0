#include "engine/nn/positions.h"

#include <cmath>

#include "engine/error.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/views.h"

namespace trine::nn {

std::vector<float> sinusoid_table(std::int64_t steps, std::int64_t width) {
  const std::int64_t half = width / 2;
  if (half < 2) fail("sinusoidal positions: the width is {}; it must be at least 4", width);
  const auto decay = static_cast<float>(-std::log(10000.0) / static_cast<double>(half - 1));
  std::vector<float> table(static_cast<std::size_t>(steps * width), 0.0f);
  for (std::int64_t i = 0; i < steps; ++i)
    for (std::int64_t j = 0; j < half; ++j) {
      const float angle = static_cast<float>(i + 1) * std::exp(static_cast<float>(j) * decay);
      float* row = table.data() + i * width;
      row[j] = std::sin(angle);
      row[half + j] = std::cos(angle);
    }
  return table;
}

Tensor with_positions(Capture& capture, Tensor x) {
  const std::int64_t steps = x.dim(1), width = x.dim(2);
  const Tensor present = not_equal(slice(x, 2, 0, 1), 0.0f);  // (B, N, 1): 1 or 0
  return x * std::sqrt(static_cast<float>(width)) + present * capture.sinusoids(steps, width);
}

}  // namespace trine::nn
