// Attention where something is not finite, in plain loops. The other kernels give hidden keys the
// weight 0, which makes NaN of what is not finite there, and bound their exponentials; here hidden
// keys take no part, and NaN and infinities go where arithmetic takes them. Those kernels notice
// when their results are not finite, and come here, so that finite numbers pay for nothing.
#include "backends/cpu/kernels/attention_extents.h"
#include "backends/cpu/kernels/math.h"

namespace trine::cpu::TRINE_CPU_NAMESPACE {
namespace {

bool sees(const AttentionArgs& a, std::int64_t query, std::int64_t key) {
  return key < visible(a, query) && !(a.mask && a.mask[key] == 0.0f);
}

float dot(const float* x, const float* y, std::int64_t n) {
  float total = 0.0f;
  for (std::int64_t c = 0; c < n; ++c) total += x[c] * y[c];
  return total;
}

void add_scaled(float* total, float scale, const float* x, std::int64_t n) {
  for (std::int64_t c = 0; c < n; ++c) total[c] += scale * x[c];
}

float score(const AttentionArgs& a, std::int64_t query, std::int64_t key) {
  return dot(a.q + query * a.q_row, a.k + key * a.k_row, a.width) * a.scale;
}

// What dropout multiplies a weight by.
float kept(const AttentionArgs& a, std::int64_t query, std::int64_t key) {
  if (a.draws.rate == 0.0f) return 1.0f;
  const auto element = static_cast<std::uint64_t>(query * ((a.keys + 3) / 4 * 4) + key);
  float u;
  uniform(&u, a.draws.seed, a.draws.id, a.draws.step, a.first_draw + element, 1);
  return u < a.draws.rate ? 0.0f : 1.0f / (1.0f - a.draws.rate);
}

// Returns the row's statistic.
float careful_row(const AttentionArgs& a, std::int64_t query, float* out) {
  for (std::int64_t c = 0; c < a.width; ++c) out[c] = 0.0f;
  float largest = -__builtin_inff(), total = 0.0f;
  bool any = false;
  for (std::int64_t j = 0; j < a.keys; ++j) {
    if (!sees(a, query, j)) continue;
    largest = max(largest, score(a, query, j));
    any = true;
  }
  if (!any) return 0.0f;
  for (std::int64_t j = 0; j < a.keys; ++j) {
    if (!sees(a, query, j)) continue;
    const float weight = exp(score(a, query, j) - largest);
    total += weight;
    add_scaled(out, weight * kept(a, query, j), a.v + j * a.v_row, a.width);
  }
  for (std::int64_t c = 0; c < a.width; ++c) out[c] /= total;
  return largest + log(total);
}

void clear_rows(float* rows, std::int64_t n, std::int64_t row, std::int64_t width) {
  for (std::int64_t i = 0; i < n; ++i)
    for (std::int64_t c = 0; c < width; ++c) rows[i * row + c] = 0.0f;
}

}  // namespace

bool rows_finite(const float* rows, std::int64_t n, std::int64_t row, std::int64_t width) {
  std::uint32_t found = 0;
  for (std::int64_t i = 0; i < n; ++i)
    for (std::int64_t c = 0; c < width; ++c) {
      const auto bits = __builtin_bit_cast(std::uint32_t, rows[i * row + c]);
      found |= (bits & 0x7fffffffu) >= 0x7f800000u ? 1u : 0u;
    }
  return found == 0;
}

void careful_attention(const AttentionArgs& a, std::int64_t first, std::int64_t rows, float* out,
                       float* statistics) {
  for (std::int64_t i = first; i < first + rows; ++i)
    statistics[i] = careful_row(a, i, out + i * a.out_row);
}

void careful_attention_grad(const AttentionArgs& a, const AttentionGradArgs& grad) {
  clear_rows(grad.dq, a.queries, grad.dq_row, a.width);
  clear_rows(grad.dk, a.keys, grad.dk_row, a.width);
  clear_rows(grad.dv, a.keys, grad.dk_row, a.width);
  for (std::int64_t i = 0; i < a.queries; ++i) {
    const float* g = grad.g + i * a.out_row;
    const float whole = dot(g, grad.out + i * a.out_row, a.width);
    for (std::int64_t j = 0; j < a.keys; ++j) {
      if (!sees(a, i, j)) continue;
      const float weight = exp(score(a, i, j) - grad.statistics[i]), factor = kept(a, i, j);
      const float product = dot(g, a.v + j * a.v_row, a.width);
      const float ds = weight * (factor * product - whole) * a.scale;
      add_scaled(grad.dq + i * grad.dq_row, ds, a.k + j * a.k_row, a.width);
      add_scaled(grad.dk + j * grad.dk_row, ds, a.q + i * a.q_row, a.width);
      add_scaled(grad.dv + j * grad.dk_row, weight * factor, g, a.width);
    }
  }
}

}  // namespace trine::cpu::TRINE_CPU_NAMESPACE
