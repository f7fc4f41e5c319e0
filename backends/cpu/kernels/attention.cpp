// Attention of one head, forward and backward. Keys and values are transposed into scratch once, so
// that every loop runs along the keys with unit stride; one row of weights exists at a time.
#include "backends/cpu/kernels/math.h"

namespace trine::cpu::TRINE_CPU_NAMESPACE {
namespace {

inline std::int64_t padded(std::int64_t n) { return (n + kLanes - 1) / kLanes * kLanes; }

// (keys, width) with a row stride to (width, padded keys), zeros in the padding.
void transpose_into(float* to, const float* from, std::int64_t keys, std::int64_t width,
                    std::int64_t row) {
  const std::int64_t stride = padded(keys);
  for (std::int64_t c = 0; c < width; ++c) {
    for (std::int64_t j = 0; j < keys; ++j) to[c * stride + j] = from[j * row + c];
    for (std::int64_t j = keys; j < stride; ++j) to[c * stride + j] = 0.0f;
  }
}

void transpose_back(float* to, const float* from, std::int64_t keys, std::int64_t width,
                    std::int64_t row) {
  const std::int64_t stride = padded(keys);
  for (std::int64_t j = 0; j < keys; ++j)
    for (std::int64_t c = 0; c < width; ++c) to[j * row + c] = from[c * stride + j];
}

// out[j] = sum over c of coefficient[c] * columns[c][j], for n a multiple of kLanes.
void combine(float* __restrict out, const float* coefficient, const float* columns,
             std::int64_t width, std::int64_t stride, std::int64_t n) {
  for (std::int64_t j = 0; j < n; j += kLanes) {
    float total[kLanes] = {};
    for (std::int64_t c = 0; c < width; ++c)
      for (int l = 0; l < kLanes; ++l) total[l] += coefficient[c] * columns[c * stride + j + l];
    for (int l = 0; l < kLanes; ++l) out[j + l] = total[l];
  }
}

// Sum over j of weights[j] * column[j], for n a multiple of kLanes.
inline float dot(const float* weights, const float* column, std::int64_t n) {
  float total[kLanes] = {};
  for (std::int64_t j = 0; j < n; j += kLanes)
    for (int l = 0; l < kLanes; ++l) total[l] += weights[j + l] * column[j + l];
  for (int width = kLanes / 2; width > 0; width /= 2)
    for (int l = 0; l < width; ++l) total[l] += total[l + width];
  return total[0];
}

// columns[c][j] += coefficient[c] * weights[j].
void add_outer(float* columns, const float* coefficient, const float* __restrict weights,
               std::int64_t width, std::int64_t stride, std::int64_t n) {
  for (std::int64_t c = 0; c < width; ++c) {
    float* column = columns + c * stride;
    const float k = coefficient[c];
    for (std::int64_t j = 0; j < n; ++j) column[j] += k * weights[j];
  }
}

struct Head {
  const AttentionArgs& args;
  std::int64_t stride;
  float *keys_t, *values_t, *weights, *kept;

  explicit Head(const AttentionArgs& a) : args(a), stride(padded(a.keys)) {
    keys_t = a.scratch;
    values_t = keys_t + a.width * stride;
    weights = values_t + a.width * stride;
    kept = weights + stride;
    transpose_into(keys_t, a.k, a.keys, a.width, a.k_row);
    transpose_into(values_t, a.v, a.keys, a.width, a.v_row);
  }

  std::int64_t visible(std::int64_t row) const {
    const std::int64_t n = args.visible + row;
    return n < 0 ? 0 : (n < args.keys ? n : args.keys);
  }

  // Scores of a row in `weights`, `n` of them visible.
  void score(std::int64_t row, std::int64_t n) {
    float scaled[512];
    const float* q = args.q + row * args.q_row;
    if (args.width <= 512) {
      for (std::int64_t c = 0; c < args.width; ++c) scaled[c] = q[c] * args.scale;
      combine(weights, scaled, keys_t, args.width, stride, padded(n));
    } else {
      combine(weights, q, keys_t, args.width, stride, padded(n));
      for (std::int64_t j = 0; j < padded(n); ++j) weights[j] *= args.scale;
    }
  }

  // Turns scores into exp(score - shift), 0 where masked or not visible.
  void exponentiate(float shift, std::int64_t n) {
    const std::int64_t end = padded(n);
    for (std::int64_t j = 0; j < end; ++j) weights[j] = exp(weights[j] - shift);
    for (std::int64_t j = n; j < end; ++j) weights[j] = 0.0f;
    if (args.mask)
      for (std::int64_t j = 0; j < n; ++j) weights[j] = args.mask[j] != 0.0f ? weights[j] : 0.0f;
  }

  float largest(std::int64_t n) const {
    float result = -3.0e38f;
    if (!args.mask) return row_max(weights, n);
    for (std::int64_t j = 0; j < n; ++j)
      result = args.mask[j] != 0.0f ? max(result, weights[j]) : result;
    return result;
  }

  // 1 / (1 - rate) where the row's weights are kept, else 0.
  void draw(std::int64_t row, std::int64_t n) {
    const Draws& d = args.draws;
    uniform(kept, d.seed, d.id, d.step,
            args.first_draw + static_cast<std::uint64_t>(row * args.keys), n);
    const float scale = 1.0f / (1.0f - d.rate);
    for (std::int64_t j = 0; j < n; ++j) kept[j] = kept[j] >= d.rate ? scale : 0.0f;
    for (std::int64_t j = n; j < padded(n); ++j) kept[j] = 0.0f;
  }
};

}  // namespace

void attention(const AttentionArgs& args, float* out, float* statistics) {
  Head head(args);
  for (std::int64_t i = 0; i < args.queries; ++i) {
    float* row = out + i * args.out_row;
    const std::int64_t n = head.visible(i);
    float total = 0.0f, shift = 0.0f;
    if (n > 0) {
      head.score(i, n);
      shift = head.largest(n);
      head.exponentiate(shift, n);
      total = row_sum(head.weights, n);
    }
    statistics[i] = total > 0.0f ? shift + log(total) : 0.0f;
    if (n > 0 && args.draws.rate > 0.0f) {
      head.draw(i, n);
      for (std::int64_t j = 0; j < padded(n); ++j) head.weights[j] *= head.kept[j];
    }
    const float scale = total > 0.0f ? 1.0f / total : 0.0f;
    for (std::int64_t c = 0; c < args.width; ++c)
      row[c] = n > 0 ? dot(head.weights, head.values_t + c * head.stride, padded(n)) * scale : 0.0f;
  }
}

void attention_grad(const AttentionArgs& args, const AttentionGradArgs& grad) {
  Head head(args);
  const std::int64_t block = args.width * head.stride;
  float* dkeys_t = head.kept + head.stride;
  float* dvalues_t = dkeys_t + block;
  float* dscores = dvalues_t + block;
  for (std::int64_t j = 0; j < 2 * block; ++j) dkeys_t[j] = 0.0f;
  const bool dropping = args.draws.rate > 0.0f;
  for (std::int64_t i = 0; i < args.queries; ++i) {
    const float* q = args.q + i * args.q_row;
    const float* g = grad.g + i * args.out_row;
    const float* y = grad.out + i * args.out_row;
    float* dq = grad.dq + i * grad.dq_row;
    const std::int64_t n = head.visible(i), end = padded(n);
    for (std::int64_t c = 0; c < args.width; ++c) dq[c] = 0.0f;
    if (n == 0) continue;
    head.score(i, n);
    head.exponentiate(grad.statistics[i], n);
    combine(dscores, g, head.values_t, args.width, head.stride, end);
    float gy = 0.0f;
    for (std::int64_t c = 0; c < args.width; ++c) gy += g[c] * y[c];
    if (dropping) {
      head.draw(i, n);
      for (std::int64_t j = 0; j < end; ++j) {
        const float weight = head.weights[j];
        dscores[j] = weight * (dscores[j] * head.kept[j] - gy) * args.scale;
        head.weights[j] = weight * head.kept[j];
      }
    } else {
      for (std::int64_t j = 0; j < end; ++j)
        dscores[j] = head.weights[j] * (dscores[j] - gy) * args.scale;
    }
    for (std::int64_t c = 0; c < args.width; ++c)
      dq[c] = dot(dscores, head.keys_t + c * head.stride, end);
    add_outer(dkeys_t, q, dscores, args.width, head.stride, end);
    add_outer(dvalues_t, g, head.weights, args.width, head.stride, end);
  }
  transpose_back(grad.dk, dkeys_t, args.keys, args.width, grad.dk_row);
  transpose_back(grad.dv, dvalues_t, args.keys, args.width, grad.dk_row);
}

}  // namespace trine::cpu::TRINE_CPU_NAMESPACE
