#include "engine/ops/softmax.h"

#include <algorithm>
#include <cmath>

#include "engine/error.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/reduce.h"

namespace trine {
namespace {

std::vector<Type> infer_rows(std::string_view name, std::span<const Type> in) {
  if (in[0].dtype != DType::f32 || in[0].shape.rank() < 1 || in[0].shape.back() < 1)
    fail("{}: needs an f32 tensor with at least one column; this is {}", name, to_string(in[0]));
  return {in[0]};
}

// Columns of row `row` that take part.
std::int64_t visible(const Attrs& attrs, std::int64_t row, std::int64_t columns) {
  if (!attrs.has("causal_offset")) return columns;
  return std::clamp<std::int64_t>(row + attrs.integer("causal_offset") + 1, 0, columns);
}

// Largest element and sum of exp(x - largest) of one row.
struct RowStats {
  double largest, total;
  RowStats(const HostTensor& x, std::int64_t at, std::int64_t n) : largest(x[at]), total(0) {
    for (std::int64_t j = 0; j < n; ++j) largest = std::max(largest, x[at + j]);
    for (std::int64_t j = 0; j < n; ++j) total += std::exp(x[at + j] - largest);
  }
};

void softmax_reference(const Attrs& attrs, const RunParams&, std::span<const HostTensor> in,
                       std::span<HostTensor> out) {
  const Shape& shape = in[0].type.shape;
  const std::int64_t columns = shape.back();
  const std::int64_t rows = shape.rank() > 1 ? shape[shape.rank() - 2] : 1;
  std::fill(out[0].values.begin(), out[0].values.end(), 0.0);
  for (std::int64_t r = 0; r < in[0].size() / columns; ++r) {
    const std::int64_t n = visible(attrs, r % rows, columns);
    if (n == 0) continue;
    const RowStats stats(in[0], r * columns, n);
    for (std::int64_t j = 0; j < n; ++j)
      out[0][r * columns + j] = std::exp(in[0][r * columns + j] - stats.largest) / stats.total;
  }
}

void log_softmax_reference(const Attrs&, const RunParams&, std::span<const HostTensor> in,
                           std::span<HostTensor> out) {
  const std::int64_t columns = in[0].type.shape.back();
  for (std::int64_t r = 0; r < in[0].size() / columns; ++r) {
    const RowStats stats(in[0], r * columns, columns);
    for (std::int64_t j = 0; j < columns; ++j)
      out[0][r * columns + j] = in[0][r * columns + j] - stats.largest - std::log(stats.total);
  }
}

Sample sample(std::string label, Shape shape, Tensor (*build)(Tensor)) {
  return {std::move(label),
          {{{DType::f32, shape}, -5, 5}},
          [build](Graph&, const Tensors& t) { return Tensors{build(t[0])}; },
          shape.back()};
}

const OpDef kSoftmax = [] {
  OpDef op;
  op.name = "softmax";
  op.infer = [](const Attrs&, std::span<const Type> in) { return infer_rows("softmax", in); };
  op.vjp = [](const Vjp& v) {
    const Tensor y = v.outputs[0], gy = v.cotangents[0] * y;
    return Tensors{gy - y * sum(gy, {-1}, true)};
  };
  op.reference = softmax_reference;
  op.samples = [] {
    auto plain = [](Tensor x) { return softmax(x); };
    auto causal = [](Tensor x) { return softmax(x, 0); };
    auto shifted = [](Tensor x) { return softmax(x, 3); };
    return std::vector<Sample>{sample("row", {4, 7}, plain),
                               sample("one column", {3, 1}, plain),
                               sample("vector", {6}, plain),
                               sample("causal", {2, 5, 5}, causal),
                               sample("causal, wider", {2, 5, 8}, shifted),
                               sample("long", {2, 1025}, plain)};
  };
  return op;
}();

const OpDef kLogSoftmax = [] {
  OpDef op;
  op.name = "log_softmax";
  op.infer = [](const Attrs&, std::span<const Type> in) { return infer_rows("log_softmax", in); };
  op.vjp = [](const Vjp& v) {
    const Tensor g = v.cotangents[0];
    return Tensors{g - exp(v.outputs[0]) * sum(g, {-1}, true)};
  };
  op.reference = log_softmax_reference;
  op.samples = [] {
    auto plain = [](Tensor x) { return log_softmax(x); };
    return std::vector<Sample>{sample("row", {4, 7}, plain), sample("one column", {3, 1}, plain),
                               sample("long", {2, 1025}, plain)};
  };
  return op;
}();

}  // namespace

Tensor softmax(Tensor x, std::optional<std::int64_t> causal_offset) {
  Attrs attrs;
  if (causal_offset) attrs.set("causal_offset", *causal_offset);
  return x.graph().add_one(kSoftmax, std::move(attrs), {x});
}

Tensor log_softmax(Tensor x) { return x.graph().add_one(kLogSoftmax, {}, {x}); }

std::vector<const OpDef*> softmax_ops() { return {&kSoftmax, &kLogSoftmax}; }

}  // namespace trine
