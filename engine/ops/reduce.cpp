#include "engine/ops/reduce.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/error.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/movement.h"
#include "engine/ops/state.h"
#include "engine/ops/views.h"

namespace trine {
namespace {

bool contains(const Dims& axes, int axis) {
  return std::find(axes.begin(), axes.end(), axis) != axes.end();
}

std::vector<Type> infer_reduce(std::string_view name, const Attrs& attrs,
                               std::span<const Type> in) {
  if (in[0].dtype != DType::f32)
    fail("{}: operands are f32 and this is {}; convert it with cast()", name, to_string(in[0]));
  const Dims& axes = attrs.dims("axes");
  Shape shape;
  for (int i = 0; i < in[0].shape.rank(); ++i)
    if (!contains(axes, i))
      shape.push_back(in[0].shape[i]);
    else if (in[0].shape[i] == 0)
      fail("{}: axis {} of {} is empty", name, i, to_string(in[0].shape));
  return {{DType::f32, shape}};
}

template <class Combine>
void reduce_reference(const Attrs& attrs, std::span<const HostTensor> in, std::span<HostTensor> out,
                      double start, Combine combine) {
  const Dims& axes = attrs.dims("axes");
  const Shape& shape = in[0].type.shape;
  // Strides of the input's index space into the output: zero along reduced axes.
  Strides to = Dims::filled(shape.rank(), 0);
  std::int64_t stride = 1;
  for (int i = shape.rank() - 1; i >= 0; --i) {
    if (contains(axes, i)) continue;
    to[i] = stride;
    stride *= shape[i];
  }
  std::fill(out[0].values.begin(), out[0].values.end(), start);
  Dims index = Dims::filled(shape.rank(), 0);
  for (std::int64_t i = 0; i < in[0].size(); ++i) {
    std::int64_t at = 0;
    for (int d = 0; d < shape.rank(); ++d) at += index[d] * to[d];
    out[0][at] = combine(out[0][at], in[0][i]);
    for (int d = shape.rank() - 1; d >= 0 && ++index[d] == shape[d]; --d) index[d] = 0;
  }
}

// The reduced value back in the shape of the input.
Tensor spread_back(Tensor reduced, const Vjp& v) {
  Shape kept = v.inputs[0].shape();
  for (std::int64_t axis : v.attrs.dims("axes")) kept[static_cast<int>(axis)] = 1;
  return broadcast_to(reshape(reduced, kept), v.inputs[0].shape());
}

template <Tensor (*reduce)(Tensor, Dims, bool)>
std::vector<Sample> reduce_samples() {
  auto sample = [](std::string label, Shape shape, Dims axes, std::int64_t length) {
    return Sample{std::move(label),
                  {{{DType::f32, shape}}},
                  [axes](Graph&, const Tensors& t) { return Tensors{reduce(t[0], axes, false)}; },
                  length};
  };
  return {sample("rows", {4, 37}, {1}, 37),
          sample("columns", {37, 4}, {0}, 37),
          sample("middle", {3, 5, 7}, {1}, 5),
          sample("outer and inner", {3, 5, 7}, {0, 2}, 21),
          sample("all", {3, 5, 7}, {}, 105),
          sample("long row", {2, 5003}, {1}, 5003),
          sample("long columns", {3001, 3}, {0}, 3001),
          sample("one element", {1}, {0}, 1)};
}

// Kernels take any strides: a reduction over a transposed view needs no copy.
bool any_layout(const Attrs&, int, const Shape&, const Strides&) { return true; }

const OpDef kSum = [] {
  OpDef op;
  op.name = "reduce_sum";
  op.infer = [](const Attrs& a, std::span<const Type> in) {
    return infer_reduce("reduce_sum", a, in);
  };
  op.vjp = [](const Vjp& v) { return Tensors{spread_back(v.cotangents[0], v)}; };
  op.reference = [](const Attrs& a, const RunParams&, std::span<const HostTensor> in,
                    std::span<HostTensor> out) {
    reduce_reference(a, in, out, 0.0, [](double x, double y) { return x + y; });
  };
  op.samples = reduce_samples<sum>;
  op.accepts = any_layout;
  return op;
}();

// The cotangent where the first of the largest elements stands, 0 elsewhere.
Tensor to_first(const Vjp& v) {
  const Tensor x = v.inputs[0];
  const int axis = static_cast<int>(v.attrs.dims("axes")[0]);
  const std::int64_t n = x.shape()[axis];
  std::vector<float> ranks;  // the first element's is the highest
  for (std::int64_t i = 0; i < n; ++i) ranks.push_back(static_cast<float>(n - i));
  Shape along = Shape::filled(x.rank(), 1);
  along[axis] = n;
  const Tensor rank = literal(v.graph, along, std::move(ranks));
  const Tensor hit = equal(x, spread_back(v.outputs[0], v));
  const Tensor first = max(select(hit, rank, 0.0f), {axis}, /*keep=*/true);
  return select(equal(rank, first), spread_back(v.cotangents[0], v), 0.0f);
}

std::vector<Sample> max_samples() {
  std::vector<Sample> samples = reduce_samples<max>();
  const auto add = [&](std::string label, Shape shape, Tensor (*build)(Tensor)) {
    samples.push_back({std::move(label),
                       {{{DType::f32, shape}}},
                       [build](Graph&, const Tensors& t) { return Tensors{build(t[0])}; }});
  };
  add("first of rows", {4, 37}, [](Tensor x) { return first_max(x, 1); });
  add("first of the middle", {3, 5, 7}, [](Tensor x) { return first_max(x, 1, true); });
  add("first of ties", {3, 5, 7}, [](Tensor x) { return first_max(concat({x, x}, 1), 1); });
  return samples;
}

const OpDef kMax = [] {
  OpDef op;
  op.name = "reduce_max";
  op.infer = [](const Attrs& a, std::span<const Type> in) {
    return infer_reduce("reduce_max", a, in);
  };
  op.vjp = [](const Vjp& v) {
    if (v.attrs.has("first")) return Tensors{to_first(v)};
    const Tensor hit = equal(v.inputs[0], spread_back(v.outputs[0], v));
    const Tensor ties = spread_back(sum(hit, v.attrs.dims("axes")), v);
    return Tensors{hit * spread_back(v.cotangents[0], v) / ties};
  };
  op.reference = [](const Attrs& a, const RunParams&, std::span<const HostTensor> in,
                    std::span<HostTensor> out) {
    reduce_reference(a, in, out, -std::numeric_limits<double>::infinity(),
                     [](double x, double y) { return x > y || std::isnan(x) ? x : y; });
  };
  op.samples = max_samples;
  op.accepts = any_layout;
  return op;
}();

Tensor reduce(const OpDef& op, Tensor x, Dims axes, bool keep, Attrs attrs = {}) {
  if (axes.rank() == 0)
    for (int i = 0; i < x.rank(); ++i) axes.push_back(i);
  for (int i = 0; i < axes.rank(); ++i)
    axes[i] = normalize_axis(static_cast<int>(axes[i]), x.rank(), op.name);
  Dims sorted;
  for (int i = 0; i < x.rank(); ++i)
    if (contains(axes, i)) sorted.push_back(i);
  if (sorted.rank() != axes.rank())
    fail("{}: an axis stands twice in {}", op.name, to_string(axes));
  // Over extents of one nothing is reduced.
  std::int64_t reduced = 1;
  Shape kept = x.shape();
  for (std::int64_t axis : sorted) {
    reduced *= kept[static_cast<int>(axis)];
    kept[static_cast<int>(axis)] = 1;
  }
  Shape result;
  for (int i = 0; i < x.rank(); ++i)
    if (!contains(sorted, i)) result.push_back(x.shape()[i]);
  attrs.set("axes", sorted);
  const Tensor y = reduced == 1 ? reshape(x, result) : x.graph().add_one(op, std::move(attrs), {x});
  return keep ? reshape(y, kept) : y;
}

}  // namespace

Tensor sum(Tensor x, Dims axes, bool keep) { return reduce(kSum, x, axes, keep); }

Tensor mean(Tensor x, Dims axes, bool keep) {
  const Tensor total = sum(x, axes, keep);
  const std::int64_t n = count(x.shape()) / std::max<std::int64_t>(count(total.shape()), 1);
  return total * (1.0f / static_cast<float>(n));
}

Tensor max(Tensor x, Dims axes, bool keep) { return reduce(kMax, x, axes, keep); }

Tensor first_max(Tensor x, int axis, bool keep) {
  return reduce(kMax, x, {axis}, keep, {{"first", std::int64_t{1}}});
}

std::vector<const OpDef*> reduce_ops() { return {&kSum, &kMax}; }

}  // namespace trine
