// Attention of one narrow head, forward and backward, without horizontal sums: the forward pass
// gives each of sixteen queries a lane and walks the keys, the backward pass gives each of sixteen
// keys a lane and walks the queries. Scores of one block of sixteen exist at a time, never a whole
// matrix.
#include "backends/cpu/kernels/attention_extents.h"
#include "backends/cpu/kernels/math.h"
#include "backends/cpu/kernels/philox_lanes.h"

namespace trine::cpu::TRINE_CPU_NAMESPACE {
namespace {

// W: the head width, or 0 where it is known at run time only. With W the columns stay in registers.
template <int W>
constexpr std::int64_t kColumns = W ? W : kWideHead;

// columns[c] holds element c of rows first .. first + 15; the last row again where there are fewer.
template <int W>
inline void load_columns(Lanes* columns, const float* from, std::int64_t first, std::int64_t rows,
                         std::int64_t row, std::int64_t width) {
  for (std::int64_t l = 0; l < kLanes; ++l) {
    const float* source = from + least(first + l, rows - 1) * row;
    for (std::int64_t c = 0; c < (W ? W : width); ++c) columns[c][l] = source[c];
  }
}

// Dropout factors: 1 / (1 - rate) where a weight is kept, else 0. A row of the mask begins with a
// whole block of four draws.
struct Dropout {
  PhiloxKey key;
  float rate, scale;
  std::uint64_t first_block, row_blocks;

  explicit Dropout(const AttentionArgs& a)
      : key{static_cast<std::uint32_t>(a.draws.seed),
            static_cast<std::uint32_t>(a.draws.seed >> 32), a.draws.id, a.draws.step},
        rate(a.draws.rate),
        scale(1.0f / (1.0f - a.draws.rate)),
        first_block(a.first_draw / 4),
        row_blocks(static_cast<std::uint64_t>(a.keys + 3) / 4) {}

  Lanes factor(LaneWords bits) const {
    return choose(less(to_uniform(bits), all(rate)), Lanes{}, all(scale));
  }

  // Of sixteen rows from `row` on, for the keys 4 * block to 4 * block + 3.
  void of_queries(Lanes factors[4], std::int64_t row, std::int64_t block) const {
    const Words rows = Words{0, 1, 2, 3, 4, 5, 6, 7} + static_cast<std::uint64_t>(row);
    const std::uint64_t at = first_block + static_cast<std::uint64_t>(block);
    const PhiloxLanes p = philox_lanes(key, rows * row_blocks + at, (rows + 8) * row_blocks + at);
    for (int w = 0; w < 4; ++w) factors[w] = factor(p.word[w]);
  }

  // Of four rows from `row` on, for sixteen keys from 4 * block on.
  void of_keys(Lanes factors[4], std::int64_t row, std::int64_t block) const {
    const Words columns =
        Words{0, 1, 2, 3, 0, 1, 2, 3} + first_block + static_cast<std::uint64_t>(block);
    const Words rows = Words{0, 0, 0, 0, 1, 1, 1, 1} + static_cast<std::uint64_t>(row);
    const PhiloxLanes p =
        philox_lanes(key, rows * row_blocks + columns, (rows + 2) * row_blocks + columns);
    factors[0] = factor(in_order<0>(p));
    factors[1] = factor(in_order<1>(p));
    factors[2] = factor(in_order<2>(p));
    factors[3] = factor(in_order<3>(p));
  }
};

// ---- forward ----

// Returns whether all scores and sums were finite; if not, the rows are to be made again.
template <int W>
bool forward_block(const AttentionArgs& a, std::int64_t first, float* out, float* statistics) {
  const std::int64_t width = W ? W : a.width;
  const std::int64_t rows = least(kLanes, a.queries - first);
  const std::int64_t keys = visible(a, first + rows - 1);
  Lanes q[kColumns<W>];
  load_columns<W>(q, a.q, first, a.queries, a.q_row, width);
  for (std::int64_t c = 0; c < width; ++c) q[c] *= all(a.scale);

  // Scores, far below any other where a key is hidden from a lane.
  const Lanes hidden = all(-3.0e38f);
  const LaneInts query = lane_numbers() + static_cast<std::int32_t>(first);
  const auto reach = static_cast<std::int32_t>(least(a.visible, a.keys));
  Lanes largest = hidden, strays{};
  for (std::int64_t j = 0; j < keys; ++j) {
    const float* k = a.k + j * a.k_row;
    Lanes score = q[0] * all(k[0]);
    for (std::int64_t c = 1; c < width; ++c) score += q[c] * all(k[c]);
    if (j >= a.visible + first)
      score = choose(less(static_cast<std::int32_t>(j) - LaneInts{}, query + reach), score, hidden);
    if (a.mask && a.mask[j] == 0.0f) score = hidden;
    store(a.scratch + j * kLanes, score);
    strays += score * 0.0f;
    largest = lanes_max(largest, score);
  }

  // Four keys share a block of draws.
  const Dropout dropout(a);
  const bool dropping = a.draws.rate > 0.0f;
  const Lanes none = all(-2.0e38f);
  Lanes total{}, sums[kColumns<W>];
  for (std::int64_t c = 0; c < width; ++c) sums[c] = Lanes{};
  for (std::int64_t four = 0; four < keys; four += 4) {
    Lanes factors[4];
    if (dropping) dropout.of_queries(factors, first, four / 4);
    for (std::int64_t j = four; j < least(four + 4, keys); ++j) {
      const float* v = a.v + j * a.v_row;
      const Lanes score = load(a.scratch + j * kLanes);
      Lanes weight = choose(less(none, score), lanes_exp(score - largest), Lanes{});
      total += weight;
      if (dropping) weight *= factors[j - four];
      for (std::int64_t c = 0; c < width; ++c) sums[c] += weight * all(v[c]);
    }
  }
  for (std::int64_t c = 0; c < width; ++c) strays += sums[c] * 0.0f;
  if (!all_zero(strays)) return false;
  for (std::int64_t l = 0; l < rows; ++l) {
    const float t = total[l];
    const float scale = t > 0.0f ? 1.0f / t : 0.0f;
    statistics[first + l] = t > 0.0f ? largest[l] + log(t) : 0.0f;
    float* row = out + (first + l) * a.out_row;
    for (std::int64_t c = 0; c < width; ++c) row[c] = sums[c][l] * scale;
  }
  return true;
}

template <int W>
void forward(const AttentionArgs& a, float* out, float* statistics) {
  for (std::int64_t first = 0; first < a.queries; first += kLanes)
    if (!forward_block<W>(a, first, out, statistics))
      careful_attention(a, first, least(kLanes, a.queries - first), out, statistics);
}

// ---- backward ----

struct BackwardScratch {
  float *query_grads, *dots;

  explicit BackwardScratch(const AttentionArgs& a) {
    query_grads = a.scratch;                           // (blocks of queries, width, 16)
    dots = query_grads + padded(a.queries) * a.width;  // (queries)
  }
};

// The first query that sees key j.
inline std::int64_t first_query(const AttentionArgs& a, std::int64_t j) {
  const std::int64_t i = j + 1 - a.visible;
  return i < 0 ? 0 : i;
}

// Returns whether the gradients of the block's keys and values are finite.
template <int W>
bool backward_block(const AttentionArgs& a, const AttentionGradArgs& grad, const BackwardScratch& s,
                    std::int64_t first) {
  const std::int64_t width = W ? W : a.width;
  const std::int64_t columns = least(kLanes, a.keys - first);
  Lanes k[kColumns<W>], v[kColumns<W>], dk[kColumns<W>], dv[kColumns<W>];
  load_columns<W>(k, a.k, first, a.keys, a.k_row, width);
  load_columns<W>(v, a.v, first, a.keys, a.v_row, width);
  for (std::int64_t c = 0; c < width; ++c) dk[c] = dv[c] = Lanes{};

  const LaneInts key = lane_numbers() + static_cast<std::int32_t>(first);
  LaneInts open = less(lane_numbers(), static_cast<std::int32_t>(columns) - LaneInts{});
  if (a.mask)
    for (std::int64_t l = 0; l < columns; ++l)
      if (a.mask[first + l] == 0.0f) open[l] = 0;
  const Dropout dropout(a);
  const bool dropping = a.draws.rate > 0.0f;
  for (std::int64_t block = first_query(a, first) / kLanes * kLanes; block < a.queries;
       block += kLanes) {
    const std::int64_t end = least(block + kLanes, a.queries);
    Lanes factors[4], dscores[kLanes] = {};
    for (std::int64_t i = block; i < end; ++i) {
      if (dropping && i % 4 == 0) dropout.of_keys(factors, i, first / 4);
      const std::int64_t n = visible(a, i) - first;
      if (n <= 0) continue;
      const float* q = a.q + i * a.q_row;
      const float* g = grad.g + i * a.out_row;
      Lanes score = k[0] * all(q[0]), product = v[0] * all(g[0]);
      for (std::int64_t c = 1; c < width; ++c) {
        score += k[c] * all(q[c]);
        product += v[c] * all(g[c]);
      }
      Lanes weight = lanes_exp(score * all(a.scale) - all(grad.statistics[i]));
      const LaneInts seen =
          n >= kLanes ? open : open & less(key, static_cast<std::int32_t>(first + n) - LaneInts{});
      weight = choose(seen, weight, Lanes{});
      Lanes kept_weight = weight;
      if (dropping) {
        product *= factors[i % 4];
        kept_weight *= factors[i % 4];
      }
      const Lanes ds = weight * (product - all(s.dots[i])) * all(a.scale);
      for (std::int64_t c = 0; c < width; ++c) {
        dk[c] += ds * all(q[c]);
        dv[c] += kept_weight * all(g[c]);
      }
      dscores[i - block] = ds;
    }
    // dq takes sums over keys: with the block turned, queries are lanes.
    transpose(dscores);
    float* dq = s.query_grads + block * width;
    for (std::int64_t c = 0; c < width; ++c) {
      Lanes even = load(dq + c * kLanes), odd{};
      for (std::int64_t l = 0; l < kLanes; l += 2) {
        even += dscores[l] * all(a.k[least(first + l, a.keys - 1) * a.k_row + c]);
        odd += dscores[l + 1] * all(a.k[least(first + l + 1, a.keys - 1) * a.k_row + c]);
      }
      store(dq + c * kLanes, even + odd);
    }
  }
  for (std::int64_t l = 0; l < columns; ++l)
    for (std::int64_t c = 0; c < width; ++c) {
      grad.dk[(first + l) * grad.dk_row + c] = dk[c][l];
      grad.dv[(first + l) * grad.dk_row + c] = dv[c][l];
    }
  Lanes strays{};
  for (std::int64_t c = 0; c < width; ++c) strays += dk[c] * 0.0f + dv[c] * 0.0f;
  return all_zero(strays);
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
  for (std::int64_t i = 0; i < padded(a.queries) * a.width; ++i) s.query_grads[i] = 0.0f;
  bool finite = true;
  for (std::int64_t first = 0; first < a.keys; first += kLanes)
    finite &= backward_block<W>(a, grad, s, first);
  if (!finite || !rows_finite(s.query_grads, 1, 0, padded(a.queries) * a.width))
    return careful_attention_grad(a, grad);
  for (std::int64_t i = 0; i < a.queries; ++i)
    for (std::int64_t c = 0; c < a.width; ++c)
      grad.dq[i * grad.dq_row + c] =
          s.query_grads[(i / kLanes * a.width + c) * kLanes + i % kLanes];
}

}  // namespace

// Widths that DMD's configurations have are compiled for.
void attention(const AttentionArgs& a, float* out, float* statistics) {
  if (a.width == 5) return forward<5>(a, out, statistics);
  if (a.width == 10) return forward<10>(a, out, statistics);
  if (a.width >= kWideHead) return wide_attention(a, out, statistics);
  forward<0>(a, out, statistics);
}

void attention_grad(const AttentionArgs& a, const AttentionGradArgs& grad) {
  if (a.width == 5) return backward<5>(a, grad);
  if (a.width == 10) return backward<10>(a, grad);
  if (a.width >= kWideHead) return wide_attention_grad(a, grad);
  backward<0>(a, grad);
}

}  // namespace trine::cpu::TRINE_CPU_NAMESPACE
