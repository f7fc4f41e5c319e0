// Reductions and normalizations of one contiguous row. Sums run in sixteen fixed lanes, whatever
// the vector width, and the lanes are added in a fixed order.
#include "backends/cpu/kernels/math.h"

namespace trine::cpu::TRINE_CPU_NAMESPACE {
namespace {

struct Lanes {
  float lane[kLanes];

  explicit Lanes(float start) {
    for (float& l : lane) l = start;
  }
  float sum() const {
    float folded[kLanes / 2];
    for (int i = 0; i < kLanes / 2; ++i) folded[i] = lane[i] + lane[i + kLanes / 2];
    for (int width = kLanes / 4; width > 0; width /= 2)
      for (int i = 0; i < width; ++i) folded[i] += folded[i + width];
    return folded[0];
  }
};

// Sum over i of value(i), in lanes.
template <class Value>
inline float lane_sum(std::int64_t n, Value value) {
  Lanes total(0.0f);
  std::int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes)
    for (int l = 0; l < kLanes; ++l) total.lane[l] += value(i + l);
  for (int l = 0; i + l < n; ++l) total.lane[l] += value(i + l);
  return total.sum();
}

}  // namespace

float row_sum(const float* x, std::int64_t n) {
  return lane_sum(n, [=](std::int64_t i) { return x[i]; });
}

float row_max(const float* x, std::int64_t n) {
  Lanes largest(x[0]);
  std::int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes)
    for (int l = 0; l < kLanes; ++l) largest.lane[l] = max(largest.lane[l], x[i + l]);
  float result = largest.lane[0];
  for (float l : largest.lane) result = max(result, l);
  for (; i < n; ++i) result = max(result, x[i]);
  return result;
}

void add_into(float* total, const float* x, std::int64_t n) {
#pragma GCC ivdep
  for (std::int64_t i = 0; i < n; ++i) total[i] += x[i];
}

void max_into(float* total, const float* x, std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) total[i] = max(total[i], x[i]);
}

void softmax(float* out, const float* x, std::int64_t visible, std::int64_t n) {
  for (std::int64_t i = visible; i < n; ++i) out[i] = 0.0f;
  if (visible == 0) return;
  const float largest = row_max(x, visible);
  for (std::int64_t i = 0; i < visible; ++i) out[i] = exp(x[i] - largest);
  const float scale = 1.0f / row_sum(out, visible);
  for (std::int64_t i = 0; i < visible; ++i) out[i] *= scale;
}

void log_softmax(float* out, const float* x, std::int64_t n) {
  const float largest = row_max(x, n);
  for (std::int64_t i = 0; i < n; ++i) out[i] = exp(x[i] - largest);
  const float shift = largest + log(row_sum(out, n));
  for (std::int64_t i = 0; i < n; ++i) out[i] = x[i] - shift;
}

// The threshold t makes max(0, x - t) add up to 1. Newton's method finds it from below in a few
// rounds (Michelot 1986), and ends where the elements above it are those that made it. Less the
// largest element the first one, -1, is below it.
void sparsemax(float* out, const float* x, std::int64_t n) {
  const float largest = row_max(x, n);
  float threshold = -1.0f, kept = static_cast<float>(n) + 1.0f;
  while (true) {
    const float number =
        lane_sum(n, [=](std::int64_t i) { return x[i] - largest > threshold ? 1.0f : 0.0f; });
    if (!(number < kept) || number == 0.0f) break;
    const float total = lane_sum(n, [=](std::int64_t i) {
      const float z = x[i] - largest;
      return z > threshold ? z : 0.0f;
    });
    threshold = (total - 1.0f) / number;
    kept = number;
  }
  threshold += largest - largest;  // NaN where that is not finite
  for (std::int64_t i = 0; i < n; ++i) out[i] = max(x[i] - largest - threshold, 0.0f);
}

void layer_norm(float* out, float* mean, float* rstd, const float* x, const float* gamma,
                const float* beta, std::int64_t n, float epsilon) {
  const float scale = 1.0f / static_cast<float>(n);
  const float m = row_sum(x, n) * scale;
  const float variance =
      lane_sum(n, [=](std::int64_t i) { return (x[i] - m) * (x[i] - m); }) * scale;
  const float r = 1.0f / sqrt(variance + epsilon);
  for (std::int64_t i = 0; i < n; ++i) out[i] = (x[i] - m) * r * gamma[i] + beta[i];
  *mean = m;
  *rstd = r;
}

void layer_norm_grad(float* dx, const float* x, const float* gamma, float mean, float rstd,
                     const float* g, std::int64_t n) {
  const float scale = 1.0f / static_cast<float>(n);
  const float mean_h = lane_sum(n, [=](std::int64_t i) { return g[i] * gamma[i]; }) * scale;
  const float mean_hx =
      lane_sum(n, [=](std::int64_t i) { return g[i] * gamma[i] * ((x[i] - mean) * rstd); }) * scale;
  for (std::int64_t i = 0; i < n; ++i)
    dx[i] = rstd * (g[i] * gamma[i] - mean_h - (x[i] - mean) * rstd * mean_hx);
}

}  // namespace trine::cpu::TRINE_CPU_NAMESPACE
