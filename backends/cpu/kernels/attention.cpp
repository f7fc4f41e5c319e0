// Attention of one head, forward and backward, without horizontal sums: the forward pass gives each
// of sixteen queries a lane and walks the keys, the backward pass gives each of sixteen keys a lane
// and walks the queries. Scores of one block of sixteen exist at a time, never a whole matrix.
#include "backends/cpu/kernels/lanes.h"
#include "backends/cpu/kernels/math.h"

namespace trine::cpu::TRINE_CPU_NAMESPACE {
namespace {

inline std::int64_t padded(std::int64_t n) { return (n + kLanes - 1) / kLanes * kLanes; }

inline std::int64_t least(std::int64_t a, std::int64_t b) { return a < b ? a : b; }

inline std::int64_t visible(const AttentionArgs& a, std::int64_t row) {
  const std::int64_t n = a.visible + row;
  return n < 0 ? 0 : least(n, a.keys);
}

// to[c][l] = from[first + l][c], repeating the last row where there are fewer than sixteen.
void transpose_block(float* to, const float* from, std::int64_t first, std::int64_t rows,
                     std::int64_t row, std::int64_t width) {
  for (std::int64_t l = 0; l < kLanes; ++l) {
    const float* source = from + least(first + l, rows - 1) * row;
    for (std::int64_t c = 0; c < width; ++c) to[c * kLanes + l] = source[c];
  }
}

// 1 / (1 - rate) where a weight is kept, else 0, for `n` keys of query `row`.
void draw_row(const AttentionArgs& a, float* to, std::int64_t row, std::int64_t first,
              std::int64_t n) {
  uniform(to, a.draws.seed, a.draws.id, a.draws.step,
          a.first_draw + static_cast<std::uint64_t>(row * a.keys + first), n);
  const float kept = 1.0f / (1.0f - a.draws.rate);
  for (std::int64_t j = 0; j < n; ++j) to[j] = to[j] >= a.draws.rate ? kept : 0.0f;
}

// ---- forward ----

// Parts of the scratch memory of attention_scratch(): blocks of sixteen queries.
struct ForwardScratch {
  float *queries, *results, *scores, *row, *kept;

  ForwardScratch(const AttentionArgs& a) {
    queries = a.scratch;                        // (width, 16)
    results = queries + a.width * kLanes;       // (width, 16)
    scores = results + a.width * kLanes;        // (keys, 16)
    kept = scores + padded(a.keys) * kLanes;    // (keys, 16)
    row = kept + padded(a.keys) * kLanes;       // (keys)
  }
};

// Dropout factors of a block, turned so that queries are lanes.
void draw_block(const AttentionArgs& a, const ForwardScratch& s, std::int64_t first,
                std::int64_t keys) {
  for (std::int64_t l = 0; l < kLanes; ++l) {
    const std::int64_t query = least(first + l, a.queries - 1);
    const std::int64_t n = least(visible(a, query), keys);
    draw_row(a, s.row, query, 0, n);
    for (std::int64_t j = 0; j < n; ++j) s.kept[j * kLanes + l] = s.row[j];
    for (std::int64_t j = n; j < keys; ++j) s.kept[j * kLanes + l] = 0.0f;
  }
}

// W: the head width, or 0 where it is known at run time only.
template <int W>
void forward_block(const AttentionArgs& a, const ForwardScratch& s, std::int64_t first, float* out,
                   float* statistics) {
  const std::int64_t width = W ? W : a.width;
  const std::int64_t rows = least(kLanes, a.queries - first);
  const std::int64_t keys = visible(a, first + rows - 1);
  transpose_block(s.queries, a.q, first, a.queries, a.q_row, width);
  for (std::int64_t i = 0; i < width * kLanes; ++i) s.queries[i] *= a.scale;

  // Scores, far below any other where a key is hidden from a lane.
  const Lanes hidden = all(-3.0e38f);
  const LaneInts query = lane_numbers() + static_cast<std::int32_t>(first);
  const auto reach = static_cast<std::int32_t>(a.visible < a.keys ? a.visible : a.keys);
  Lanes largest = hidden;
  for (std::int64_t j = 0; j < keys; ++j) {
    const float* k = a.k + j * a.k_row;
    Lanes score{};
    for (std::int64_t c = 0; c < width; ++c) score += load(s.queries + c * kLanes) * k[c];
    if (j >= a.visible + first) score = query + reach > static_cast<std::int32_t>(j) ? score : hidden;
    if (a.mask && a.mask[j] == 0.0f) score = hidden;
    store(s.scores + j * kLanes, score);
    largest = lanes_max(largest, score);
  }
  const bool dropping = a.draws.rate > 0.0f;
  if (dropping) draw_block(a, s, first, keys);

  Lanes total{};
  for (std::int64_t c = 0; c < width; ++c) store(s.results + c * kLanes, Lanes{});
  const Lanes none = all(-2.0e38f);
  for (std::int64_t j = 0; j < keys; ++j) {
    const float* v = a.v + j * a.v_row;
    const Lanes score = load(s.scores + j * kLanes);
    Lanes weight = score > none ? lanes_exp(score - largest) : Lanes{};
    total += weight;
    if (dropping) weight *= load(s.kept + j * kLanes);
    for (std::int64_t c = 0; c < width; ++c)
      store(s.results + c * kLanes, load(s.results + c * kLanes) + weight * v[c]);
  }
  for (std::int64_t l = 0; l < rows; ++l) {
    const float t = total[l];
    const float scale = t > 0.0f ? 1.0f / t : 0.0f;
    statistics[first + l] = t > 0.0f ? largest[l] + log(t) : 0.0f;
    float* row = out + (first + l) * a.out_row;
    for (std::int64_t c = 0; c < width; ++c) row[c] = s.results[c * kLanes + l] * scale;
  }
}

template <int W>
void forward(const AttentionArgs& a, float* out, float* statistics) {
  const ForwardScratch scratch(a);
  for (std::int64_t first = 0; first < a.queries; first += kLanes)
    forward_block<W>(a, scratch, first, out, statistics);
}

// ---- backward ----

struct BackwardScratch {
  std::int64_t stride;  // of padded rows of `width`
  float *keys, *values, *dkeys, *dvalues, *key_rows, *query_grads, *dots, *kept;

  BackwardScratch(const AttentionArgs& a) : stride(padded(a.width)) {
    keys = a.scratch;                              // (width, 16)
    values = keys + a.width * kLanes;              // (width, 16)
    dkeys = values + a.width * kLanes;             // (width, 16)
    dvalues = dkeys + a.width * kLanes;            // (width, 16)
    key_rows = dvalues + a.width * kLanes;         // (16, padded width)
    query_grads = key_rows + stride * kLanes;      // (queries, padded width)
    dots = query_grads + stride * a.queries;       // (queries)
    kept = dots + padded(a.queries);               // (16)
  }
};

// The first query that sees key j.
inline std::int64_t first_query(const AttentionArgs& a, std::int64_t j) {
  const std::int64_t i = j + 1 - a.visible;
  return i < 0 ? 0 : i;
}

template <int W>
void backward_block(const AttentionArgs& a, const AttentionGradArgs& grad,
                    const BackwardScratch& s, std::int64_t first) {
  const std::int64_t width = W ? W : a.width;
  const std::int64_t columns = least(kLanes, a.keys - first);
  transpose_block(s.keys, a.k, first, a.keys, a.k_row, width);
  transpose_block(s.values, a.v, first, a.keys, a.v_row, width);
  for (std::int64_t i = 0; i < kLanes; ++i)
    for (std::int64_t c = 0; c < s.stride; ++c)
      s.key_rows[i * s.stride + c] = i < columns && c < width ? a.k[(first + i) * a.k_row + c] : 0.0f;
  for (std::int64_t i = 0; i < 2 * width * kLanes; ++i) s.dkeys[i] = 0.0f;  // dvalues follow

  const LaneInts key = lane_numbers() + static_cast<std::int32_t>(first);
  LaneInts open = lane_numbers() < static_cast<std::int32_t>(columns);
  if (a.mask)
    for (std::int64_t l = 0; l < columns; ++l)
      if (a.mask[first + l] == 0.0f) open[l] = 0;
  const bool dropping = a.draws.rate > 0.0f;
  for (std::int64_t i = first_query(a, first); i < a.queries; ++i) {
    const float* q = a.q + i * a.q_row;
    const float* g = grad.g + i * a.out_row;
    Lanes score{}, product{};
    for (std::int64_t c = 0; c < width; ++c) {
      score += load(s.keys + c * kLanes) * q[c];
      product += load(s.values + c * kLanes) * g[c];
    }
    Lanes weight = lanes_exp(score * a.scale - grad.statistics[i]);
    const std::int64_t n = visible(a, i) - first;
    const LaneInts seen = n >= kLanes ? open : (open & (key < static_cast<std::int32_t>(first + n)));
    weight = seen ? weight : Lanes{};
    Lanes kept_weight = weight;
    if (dropping) {
      draw_row(a, s.kept, i, first, kLanes < a.keys - first ? kLanes : a.keys - first);
      const Lanes kept = load(s.kept);
      product *= kept;
      kept_weight *= kept;
    }
    const Lanes ds = weight * (product - s.dots[i]) * a.scale;
    for (std::int64_t c = 0; c < width; ++c) {
      store(s.dkeys + c * kLanes, load(s.dkeys + c * kLanes) + ds * q[c]);
      store(s.dvalues + c * kLanes, load(s.dvalues + c * kLanes) + kept_weight * g[c]);
    }
    const std::int64_t last = least(n, columns);
    for (std::int64_t c = 0; c < s.stride; c += kLanes) {
      float* dq = s.query_grads + i * s.stride + c;
      Lanes sum = load(dq);
      for (std::int64_t l = 0; l < last; ++l) sum += load(s.key_rows + l * s.stride + c) * ds[l];
      store(dq, sum);
    }
  }
  for (std::int64_t l = 0; l < columns; ++l)
    for (std::int64_t c = 0; c < width; ++c) {
      grad.dk[(first + l) * grad.dk_row + c] = s.dkeys[c * kLanes + l];
      grad.dv[(first + l) * grad.dk_row + c] = s.dvalues[c * kLanes + l];
    }
}

template <int W>
void backward(const AttentionArgs& a, const AttentionGradArgs& grad) {
  const BackwardScratch s(a);
  for (std::int64_t i = 0; i < a.queries; ++i) {
    float dot = 0.0f;
    for (std::int64_t c = 0; c < a.width; ++c)
      dot += grad.g[i * a.out_row + c] * grad.out[i * a.out_row + c];
    s.dots[i] = dot;
  }
  for (std::int64_t i = 0; i < s.stride * a.queries; ++i) s.query_grads[i] = 0.0f;
  for (std::int64_t first = 0; first < a.keys; first += kLanes)
    backward_block<W>(a, grad, s, first);
  for (std::int64_t i = 0; i < a.queries; ++i)
    for (std::int64_t c = 0; c < a.width; ++c)
      grad.dq[i * grad.dq_row + c] = s.query_grads[i * s.stride + c];
}

}  // namespace

// Widths that DMD's configurations have are compiled for; loops over them unroll.
void attention(const AttentionArgs& a, float* out, float* statistics) {
  if (a.width == 5) return forward<5>(a, out, statistics);
  if (a.width == 10) return forward<10>(a, out, statistics);
  forward<0>(a, out, statistics);
}

void attention_grad(const AttentionArgs& a, const AttentionGradArgs& grad) {
  if (a.width == 5) return backward<5>(a, grad);
  if (a.width == 10) return backward<10>(a, grad);
  backward<0>(a, grad);
}

}  // namespace trine::cpu::TRINE_CPU_NAMESPACE
