#include "engine/ops/attention.h"

#include <algorithm>
#include <cmath>

#include "engine/error.h"
#include "engine/ops/elementwise.h"
#include "engine/philox.h"

namespace trine {
namespace {

using Types = std::vector<Type>;

struct Extents {
  std::int64_t batch, heads, queries, keys, width;

  Extents(const Shape& q, const Shape& k)
      : batch(q[0]), heads(q[2]), queries(q[1]), keys(k[1]), width(q[3]) {}
};

Types infer_attention(const Attrs& attrs, std::span<const Type> in) {
  const Shape &q = in[0].shape, &k = in[1].shape;
  bool fits = q.rank() == 4 && k.rank() == 4 && in[1] == in[2] && in[0].dtype == DType::f32;
  fits = fits && q[0] == k[0] && q[2] == k[2] && q[3] == k[3] && k[1] > 0;
  if (!fits)
    fail(
        "attention: q {}, k {}, v {} do not fit; expected (batch, queries, heads, width) and twice "
        "(batch, keys, heads, width)",
        to_string(in[0]), to_string(in[1]), to_string(in[2]));
  if (attrs.integer("masked") && in[3].shape != Shape{k[0], k[1]})
    fail("attention: the key mask {} is not (batch, keys) = ({}, {})", to_string(in[3]), k[0],
         k[1]);
  return {in[0], {DType::f32, {q[0], q[2], q[1]}}};
}

// Rows of heads must be contiguous; the other three strides are free, so that q, k and v may be
// slices of one product and may share memory.
bool accepts_heads(const Attrs&, int index, const Shape& shape, const Strides& strides) {
  if (index >= 3) return is_dense(shape, strides);
  return strides[3] == 1 || shape[3] == 1;
}

// The softmax weights of one row before dropout, what dropout multiplies them by, and which keys
// the row sees. The others take no part, whatever they hold.
class Row {
 public:
  Row(const Attrs& attrs, const RunParams& params, const Extents& e, std::span<const HostTensor> in)
      : attrs_(attrs), params_(params), e_(e), in_(in) {}

  // Fills weights and kept; returns log(sum exp(score)), or 0 for a row that sees nothing.
  double evaluate(std::int64_t b, std::int64_t h, std::int64_t i) {
    weights.assign(static_cast<std::size_t>(e_.keys), 0.0);
    kept.assign(static_cast<std::size_t>(e_.keys), 1.0);
    seen.assign(static_cast<std::size_t>(e_.keys), false);
    double largest = -INFINITY;
    for (std::int64_t j = 0; j < e_.keys; ++j) {
      const std::size_t at = static_cast<std::size_t>(j);
      seen[at] = visible(b, i, j);
      if (!seen[at]) continue;
      for (std::int64_t c = 0; c < e_.width; ++c)
        weights[at] += in_[0][query(b, h, i) + c] * in_[1][key(b, h, j) + c];
      weights[at] *= attrs_.real("scale");
      largest = std::max(largest, weights[at]);
    }
    double total = 0;
    for (std::size_t j = 0; j < seen.size(); ++j)
      if (seen[j]) total += weights[j] = std::exp(weights[j] - largest);
    if (total == 0) return 0;
    for (double& w : weights) w /= total;
    draw_dropout(b, h, i);
    return largest + std::log(total);
  }

  std::int64_t query(std::int64_t b, std::int64_t h, std::int64_t i) const {
    return ((b * e_.queries + i) * e_.heads + h) * e_.width;
  }
  std::int64_t key(std::int64_t b, std::int64_t h, std::int64_t j) const {
    return ((b * e_.keys + j) * e_.heads + h) * e_.width;
  }

  std::vector<double> weights, kept;
  std::vector<bool> seen;

 private:
  bool visible(std::int64_t b, std::int64_t i, std::int64_t j) const {
    if (attrs_.has("causal_offset") && j > i + attrs_.integer("causal_offset")) return false;
    return !attrs_.integer("masked") || in_[3][b * e_.keys + j] != 0;
  }

  void draw_dropout(std::int64_t b, std::int64_t h, std::int64_t i) {
    const float rate = static_cast<float>(attrs_.real("rate"));
    if (rate == 0.0f) return;
    const auto id = static_cast<std::uint32_t>(attrs_.integer("id"));
    // Each row begins with a whole block of four draws, which suits kernels that draw by blocks.
    const std::int64_t row = (b * e_.heads + h) * e_.queries + i;
    const std::int64_t first = row * ((e_.keys + 3) / 4 * 4);
    for (std::int64_t j = 0; j < e_.keys; ++j) {
      const float u =
          random_uniform(params_.seed, id, params_.step, static_cast<std::uint64_t>(first + j));
      kept[static_cast<std::size_t>(j)] = u >= rate ? 1.0 / (1.0 - rate) : 0.0;
    }
  }

  const Attrs& attrs_;
  const RunParams& params_;
  const Extents& e_;
  std::span<const HostTensor> in_;
};

void attention_reference(const Attrs& attrs, const RunParams& params,
                         std::span<const HostTensor> in, std::span<HostTensor> out) {
  const Extents e(in[0].type.shape, in[1].type.shape);
  Row row(attrs, params, e, in);
  for (std::int64_t b = 0; b < e.batch; ++b)
    for (std::int64_t h = 0; h < e.heads; ++h)
      for (std::int64_t i = 0; i < e.queries; ++i) {
        out[1][(b * e.heads + h) * e.queries + i] = row.evaluate(b, h, i);
        for (std::int64_t c = 0; c < e.width; ++c) {
          double total = 0;
          for (std::int64_t j = 0; j < e.keys; ++j) {
            const std::size_t at = static_cast<std::size_t>(j);
            if (row.seen[at]) total += row.weights[at] * row.kept[at] * in[2][row.key(b, h, j) + c];
          }
          out[0][row.query(b, h, i) + c] = total;
        }
      }
}

// Inputs: q, k, v, [key mask,] out, statistics, g. With P the weights and M the dropout factors:
// dV = (P M)' g, dP = M (g v'), dS = P (dP - rowsum(g out)), dQ = scale dS k, dK = scale dS' q.
void attention_grad_reference(const Attrs& attrs, const RunParams& params,
                              std::span<const HostTensor> in, std::span<HostTensor> out) {
  const Extents e(in[0].type.shape, in[1].type.shape);
  const HostTensor &q = in[0], &k = in[1], &v = in[2], &y = in[in.size() - 3], &g = in.back();
  for (HostTensor& o : out) std::fill(o.values.begin(), o.values.end(), 0.0);
  Row row(attrs, params, e, in);
  for (std::int64_t b = 0; b < e.batch; ++b)
    for (std::int64_t h = 0; h < e.heads; ++h)
      for (std::int64_t i = 0; i < e.queries; ++i) {
        row.evaluate(b, h, i);
        const std::int64_t qi = row.query(b, h, i);
        double dot = 0;
        for (std::int64_t c = 0; c < e.width; ++c) dot += g[qi + c] * y[qi + c];
        for (std::int64_t j = 0; j < e.keys; ++j) {
          if (!row.seen[static_cast<std::size_t>(j)]) continue;
          const double weight = row.weights[static_cast<std::size_t>(j)];
          const double kept = row.kept[static_cast<std::size_t>(j)];
          const std::int64_t kj = row.key(b, h, j);
          double dp = 0;
          for (std::int64_t c = 0; c < e.width; ++c) dp += g[qi + c] * v[kj + c];
          const double ds = weight * (kept * dp - dot) * attrs.real("scale");
          for (std::int64_t c = 0; c < e.width; ++c) {
            out[0][qi + c] += ds * k[kj + c];
            out[1][kj + c] += ds * q[qi + c];
            out[2][kj + c] += weight * kept * g[qi + c];
          }
        }
      }
}

std::vector<Sample> attention_samples() {
  auto sample = [](std::string label, Shape q, Shape k, AttentionOptions options, bool masked) {
    std::vector<SampleInput> inputs = {{{DType::f32, q}}, {{DType::f32, k}}, {{DType::f32, k}}};
    if (masked) inputs.push_back({{DType::i32, {k[0], k[1]}}, 0, 2});
    return Sample{std::move(label), inputs,
                  [options, masked](Graph&, const Tensors& t) {
                    AttentionOptions o = options;
                    if (masked) o.key_mask = cast(t[3], DType::f32);
                    return Tensors{attention(t[0], t[1], t[2], o)};
                  },
                  k[1] * k[3]};
  };
  return {
      sample("self", {2, 6, 3, 5}, {2, 6, 3, 5}, {}, false),
      sample("causal", {2, 6, 3, 5}, {2, 6, 3, 5}, {.causal_offset = 0}, false),
      sample("cross, causal", {2, 5, 2, 4}, {2, 9, 2, 4}, {.causal_offset = 4}, false),
      sample("cross, fewer keys", {1, 9, 2, 5}, {1, 4, 2, 5}, {.causal_offset = 5}, false),
      sample("dropout", {2, 6, 3, 5}, {2, 7, 3, 5}, {.causal_offset = 1, .dropout = 0.3}, false),
      sample("key mask", {2, 6, 2, 5}, {2, 6, 2, 5}, {}, true),
      sample("one step", {2, 1, 2, 5}, {2, 1, 2, 5}, {.causal_offset = 0}, false),
      sample("wide heads", {1, 20, 2, 64}, {1, 20, 2, 64}, {}, false),
      sample("wide heads, causal, dropout", {1, 67, 1, 20}, {1, 75, 1, 20},
             {.causal_offset = 8, .dropout = 0.3}, false),
      sample("wide heads, key mask, dropout", {2, 5, 2, 18}, {2, 9, 2, 18}, {.dropout = 0.2}, true),
      sample("long", {1, 150, 1, 5}, {1, 170, 1, 5}, {.causal_offset = 20}, false),
  };
}

extern const OpDef kAttentionGrad;

const OpDef kAttention = [] {
  OpDef op;
  op.name = "attention";
  op.infer = infer_attention;
  op.vjp = [](const Vjp& v) {
    if (!v.cotangents[0] || v.cotangents[1])
      fail("attention: only the output has a gradient, not the row statistics");
    Tensors inputs = v.inputs;
    inputs.insert(inputs.end(), {v.outputs[0], v.outputs[1], v.cotangents[0]});
    Tensors gradients = v.graph.add(kAttentionGrad, v.attrs, inputs);
    gradients.resize(v.inputs.size());
    return gradients;
  };
  op.reference = attention_reference;
  op.samples = attention_samples;
  op.accepts = accepts_heads;
  op.member_attrs = {"causal_offset", "rate", "id"};
  op.pure = false;
  return op;
}();

const OpDef kAttentionGrad = [] {
  OpDef op;
  op.name = "attention_grad";
  op.infer = [](const Attrs&, std::span<const Type> in) { return Types{in[0], in[1], in[2]}; };
  op.reference = attention_grad_reference;
  op.samples = [] { return std::vector<Sample>{}; };  // covered by the gradients of attention
  op.accepts = [](const Attrs& attrs, int index, const Shape& shape, const Strides& strides) {
    if (index < 3) return accepts_heads(attrs, index, shape, strides);
    return is_dense(shape, strides);
  };
  op.member_attrs = kAttention.member_attrs;
  op.pure = false;
  return op;
}();

}  // namespace

Tensor attention(Tensor q, Tensor k, Tensor v, const AttentionOptions& options) {
  if (!(options.dropout >= 0.0 && options.dropout < 1.0))
    fail("attention: the dropout rate is {}; it must be at least 0 and less than 1",
         options.dropout);
  Graph& graph = q.graph();
  Attrs attrs = {{"scale", 1.0 / std::sqrt(static_cast<double>(q.dim(-1)))},
                 {"rate", options.dropout},
                 {"masked", std::int64_t{options.key_mask ? 1 : 0}}};
  attrs.set("id", options.dropout > 0 ? std::int64_t{graph.next_random_id()} : std::int64_t{0});
  if (options.causal_offset) attrs.set("causal_offset", *options.causal_offset);
  Tensors inputs = {q, k, v};
  if (options.key_mask) inputs.push_back(options.key_mask);
  return graph.add(kAttention, std::move(attrs), inputs).front();
}

std::vector<const OpDef*> attention_ops() { return {&kAttention, &kAttentionGrad}; }

}  // namespace trine
