// Attention of one head whose rows are long enough for matrix products: the scores of a block of
// queries are a product, and so is what they make of the values. The backward pass computes a
// block's weights again.
#include "backends/cpu/kernels/attention_extents.h"

namespace trine::cpu::TRINE_CPU_NAMESPACE {
namespace {

// Parts of the scratch; rows of all but `turned` are padded(keys) long.
struct Scratch {
  float* next;
  std::int64_t row;

  explicit Scratch(const AttentionArgs& a) : next(a.scratch), row(padded(a.keys)) {}
  float* rows(std::int64_t n) {
    float* part = next;
    next += n * row;
    return part;
  }
};

// (keys, width) turned: (width, padded(keys)).
float* turned(Scratch& scratch, const AttentionArgs& a, const float* from, std::int64_t from_row) {
  float* to = scratch.rows(a.width);
  transpose_matrix(to, from, a.keys, a.width, from_row, scratch.row);
  return to;
}

// C = A B, or added to what is there.
void product(const float* a, std::int64_t a_row, std::int64_t a_column, const float* b,
             std::int64_t b_row, float* c, std::int64_t c_row, std::int64_t m, std::int64_t n,
             std::int64_t k, bool adding = false) {
  GemmArgs g{a, b, c, m, n, k, a_row, a_column, b_row, 1, c_row, {}};
  if (adding) g.end.addends[0] = {c, c_row};
  gemm(g);
}

// All ones for keys j .. j + 15 that the row sees, of which the first n are visible.
inline LaneInts seen(const AttentionArgs& a, std::int64_t j, std::int64_t n) {
  LaneInts open = less(lane_numbers(), static_cast<std::int32_t>(n - j) - LaneInts{});
  if (a.mask) {
    const Lanes mask = load(a.mask + j);
    open &= less(Lanes{}, mask * mask);
  }
  return open;
}

// Dropout factors of a row.
struct RowDropout {
  const AttentionArgs& a;
  float* draws;

  bool dropping() const { return a.draws.rate > 0.0f; }
  void draw(std::int64_t row) const {
    if (!dropping()) return;
    const auto first =
        static_cast<std::uint64_t>(row) * static_cast<std::uint64_t>((a.keys + 3) / 4 * 4);
    uniform(draws, a.draws.seed, a.draws.id, a.draws.step, a.first_draw + first, a.keys);
  }
  Lanes factor(std::int64_t j) const {
    const Lanes kept = all(1.0f / (1.0f - a.draws.rate));
    return choose(less(load(draws + j), all(a.draws.rate)), Lanes{}, kept);
  }
};

inline void clear(float* row, std::int64_t from, std::int64_t to) {
  for (std::int64_t j = from; j < to; ++j) row[j] = 0.0f;
}

// Scores of a row of which n keys are visible become weights; returns the row's statistic, which is
// NaN where a score is not finite.
float weights(const AttentionArgs& a, const RowDropout& dropout, float* scores, std::int64_t n) {
  const Lanes hidden = all(-3.0e38f);
  Lanes largest = hidden, strays{};
  for (std::int64_t j = 0; j < n; j += kLanes) {
    const Lanes score = choose(seen(a, j, n), load(scores + j) * all(a.scale), hidden);
    store(scores + j, score);
    strays += score * 0.0f;
    largest = lanes_max(largest, score);
  }
  if (!all_zero(strays)) return __builtin_nanf("");
  const float top = row_max(reinterpret_cast<const float*>(&largest), kLanes);
  Lanes sums{};
  for (std::int64_t j = 0; j < n; j += kLanes) {
    const Lanes score = load(scores + j);
    const Lanes weight = choose(less(all(-2.0e38f), score), lanes_exp(score - all(top)), Lanes{});
    sums += weight;
    store(scores + j, weight);
  }
  const float total = row_sum(reinterpret_cast<const float*>(&sums), kLanes);
  const Lanes scale = all(total > 0.0f ? 1.0f / total : 0.0f);
  for (std::int64_t j = 0; j < n; j += kLanes) {
    Lanes weight = load(scores + j) * scale;
    if (dropout.dropping()) weight *= dropout.factor(j);
    store(scores + j, weight);
  }
  clear(scores, padded(n), padded(a.keys));
  return total > 0.0f ? top + __builtin_logf(total) : 0.0f;
}

// From a row's scores and its cotangents of weights: the weights as they were applied, and the
// cotangents of the scores.
void weight_grads(const AttentionArgs& a, const RowDropout& dropout, float* scores, float* grads,
                  std::int64_t n, float statistic, float dot) {
  for (std::int64_t j = 0; j < n; j += kLanes) {
    Lanes weight = lanes_exp(load(scores + j) * all(a.scale) - all(statistic));
    weight = choose(seen(a, j, n), weight, Lanes{});
    Lanes grad = load(grads + j), applied = weight;
    if (dropout.dropping()) {
      const Lanes factor = dropout.factor(j);
      grad *= factor;
      applied *= factor;
    }
    grad = choose(seen(a, j, n), grad, Lanes{});
    store(scores + j, applied);
    store(grads + j, weight * (grad - all(dot)) * all(a.scale));
  }
  clear(scores, padded(n), padded(a.keys));
  clear(grads, padded(n), padded(a.keys));
}

float dot_product(const float* x, const float* y, std::int64_t n) {
  float dot = 0.0f;
  for (std::int64_t i = 0; i < n; ++i) dot += x[i] * y[i];
  return dot;
}

}  // namespace

void wide_attention(const AttentionArgs& a, float* out, float* statistics) {
  Scratch scratch(a);
  const float* keys = turned(scratch, a, a.k, a.k_row);
  float* scores = scratch.rows(kQueryBlock);
  const RowDropout dropout{a, scratch.rows(1)};
  const std::int64_t row = scratch.row;
  for (std::int64_t first = 0; first < a.queries; first += kQueryBlock) {
    const std::int64_t rows = least(kQueryBlock, a.queries - first);
    product(a.q + first * a.q_row, a.q_row, 1, keys, row, scores, row, rows, a.keys, a.width);
    for (std::int64_t i = 0; i < rows; ++i) {
      dropout.draw(first + i);
      statistics[first + i] = weights(a, dropout, scores + i * row, visible(a, first + i));
    }
    product(scores, row, 1, a.v, a.v_row, out + first * a.out_row, a.out_row, rows, a.width,
            a.keys);
    if (!rows_finite(statistics + first, 1, 0, rows) ||
        !rows_finite(out + first * a.out_row, rows, a.out_row, a.width))
      careful_attention(a, first, rows, out, statistics);
  }
}

void wide_attention_grad(const AttentionArgs& a, const AttentionGradArgs& grad) {
  Scratch scratch(a);
  const float* keys = turned(scratch, a, a.k, a.k_row);
  const float* values = turned(scratch, a, a.v, a.v_row);
  float *scores = scratch.rows(kQueryBlock), *grads = scratch.rows(kQueryBlock);
  const RowDropout dropout{a, scratch.rows(1)};
  const std::int64_t row = scratch.row;
  for (std::int64_t first = 0; first < a.queries; first += kQueryBlock) {
    const std::int64_t rows = least(kQueryBlock, a.queries - first);
    const float *q = a.q + first * a.q_row, *g = grad.g + first * a.out_row;
    product(q, a.q_row, 1, keys, row, scores, row, rows, a.keys, a.width);
    product(g, a.out_row, 1, values, row, grads, row, rows, a.keys, a.width);
    for (std::int64_t i = 0; i < rows; ++i) {
      dropout.draw(first + i);
      const std::int64_t at = (first + i) * a.out_row;
      weight_grads(a, dropout, scores + i * row, grads + i * row, visible(a, first + i),
                   grad.statistics[first + i], dot_product(grad.g + at, grad.out + at, a.width));
    }
    const bool adding = first > 0;
    product(grads, row, 1, a.k, a.k_row, grad.dq + first * grad.dq_row, grad.dq_row, rows, a.width,
            a.keys);
    product(grads, 1, row, q, a.q_row, grad.dk, grad.dk_row, a.keys, a.width, rows, adding);
    product(scores, 1, row, g, a.out_row, grad.dv, grad.dk_row, a.keys, a.width, rows, adding);
  }
  if (!rows_finite(grad.dq, a.queries, grad.dq_row, a.width) ||
      !rows_finite(grad.dk, a.keys, grad.dk_row, a.width) ||
      !rows_finite(grad.dv, a.keys, grad.dk_row, a.width))
    careful_attention_grad(a, grad);
}

}  // namespace trine::cpu::TRINE_CPU_NAMESPACE
