#include "engine/ops/movement.h"

#include <algorithm>

#include "engine/error.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/views.h"

namespace trine {
namespace {

using Types = std::vector<Type>;

// A shape seen from one axis: how many elements lie outside and inside of it.
struct Around {
  std::int64_t outer = 1, inner = 1;
  Around(const Shape& shape, int axis) {
    for (int i = 0; i < axis; ++i) outer *= shape[i];
    for (int i = axis + 1; i < shape.rank(); ++i) inner *= shape[i];
  }
};

int axis_of(const Attrs& attrs) { return static_cast<int>(attrs.integer("axis")); }

// ---- concat ----

const OpDef kConcat = [] {
  OpDef op;
  op.name = "concat";
  op.exact = true;
  op.infer = [](const Attrs& a, std::span<const Type> in) {
    const int axis = axis_of(a);
    Type out = in[0];
    for (std::size_t i = 1; i < in.size(); ++i) {
      Shape same = in[i].shape;
      if (same.rank() == out.shape.rank()) same[axis] = out.shape[axis];
      if (same != out.shape || in[i].dtype != out.dtype)
        fail("concat: {} and {} differ outside axis {}", to_string(in[0]), to_string(in[i]), axis);
      out.shape[axis] += in[i].shape[axis];
    }
    return Types{out};
  };
  op.vjp = [](const Vjp& v) {
    const int axis = axis_of(v.attrs);
    if (v.inputs.size() > static_cast<std::size_t>(kMaxRank)) {
      Tensors pieces;
      std::int64_t at = 0;
      for (const Tensor& input : v.inputs) {
        pieces.push_back(slice(v.cotangents[0], axis, at, at + input.dim(axis)));
        at += input.dim(axis);
      }
      return pieces;
    }
    Dims sizes;
    for (const Tensor& input : v.inputs) sizes.push_back(input.dim(axis));
    return split(v.cotangents[0], axis, {sizes.begin(), static_cast<std::size_t>(sizes.rank())});
  };
  op.reference = [](const Attrs& a, const RunParams&, std::span<const HostTensor> in,
                    std::span<HostTensor> out) {
    const int axis = axis_of(a);
    const Around around(out[0].type.shape, axis);
    const std::int64_t row = out[0].type.shape[axis] * around.inner;
    std::int64_t at = 0;
    for (const HostTensor& part : in) {
      const std::int64_t length = part.type.shape[axis] * around.inner;
      for (std::int64_t o = 0; o < around.outer; ++o)
        for (std::int64_t i = 0; i < length; ++i) out[0][o * row + at + i] = part[o * length + i];
      at += length;
    }
  };
  op.samples = [] {
    auto sample = [](std::string label, Shape a, Shape b, int axis) {
      return Sample{std::move(label),
                    {{{DType::f32, a}}, {{DType::f32, b}}},
                    [axis](Graph&, const Tensors& t) {
                      return Tensors{concat({t[0], t[1], t[0]}, axis)};
                    }};
    };
    return std::vector<Sample>{sample("rows", {2, 5}, {3, 5}, 0),
                               sample("columns", {4, 2}, {4, 3}, 1),
                               sample("middle", {2, 1, 3}, {2, 4, 3}, 1)};
  };
  op.accepts = [](const Attrs&, int, const Shape&, const Strides&) { return true; };
  return op;
}();

// ---- spread ----

const OpDef kSpread = [] {
  OpDef op;
  op.name = "spread";
  op.exact = true;
  op.infer = [](const Attrs& a, std::span<const Type> in) {
    Shape shape = in[0].shape;
    const int axis = axis_of(a);
    const std::int64_t last = a.integer("start") + (shape[axis] - 1) * a.integer("step");
    if (a.integer("start") < 0 || a.integer("step") < 1 || last >= a.integer("extent"))
      fail("spread: {} elements from {} by {} do not fit an axis of {}", shape[axis],
           a.integer("start"), a.integer("step"), a.integer("extent"));
    shape[axis] = a.integer("extent");
    return Types{{in[0].dtype, shape}};
  };
  op.vjp = [](const Vjp& v) {
    const int axis = axis_of(v.attrs);
    const std::int64_t start = v.attrs.integer("start"), step = v.attrs.integer("step");
    const std::int64_t stop = start + (v.inputs[0].dim(axis) - 1) * step + 1;
    return Tensors{slice(v.cotangents[0], axis, start, stop, step)};
  };
  op.reference = [](const Attrs& a, const RunParams&, std::span<const HostTensor> in,
                    std::span<HostTensor> out) {
    const int axis = axis_of(a);
    const std::int64_t extent = a.integer("extent"), n = in[0].type.shape[axis];
    const Around around(out[0].type.shape, axis);
    std::fill(out[0].values.begin(), out[0].values.end(), 0.0);
    for (std::int64_t o = 0; o < around.outer; ++o)
      for (std::int64_t i = 0; i < n; ++i)
        for (std::int64_t j = 0; j < around.inner; ++j)
          out[0][(o * extent + a.integer("start") + i * a.integer("step")) * around.inner + j] =
              in[0][(o * n + i) * around.inner + j];
  };
  op.samples = [] {
    auto sample = [](std::string label, Shape shape, Tensor (*build)(Tensor)) {
      return Sample{std::move(label), {{{DType::f32, shape}}}, [build](Graph&, const Tensors& t) {
                      return Tensors{build(t[0])};
                    }};
    };
    return std::vector<Sample>{
        sample("pad rows", {3, 5}, [](Tensor x) { return pad(x, 0, 2, 1); }),
        sample("pad with a value", {3, 5}, [](Tensor x) { return pad(x, 1, 0, 4, 1.5f); }),
        sample("strided", {2, 3, 4}, [](Tensor x) { return spread(x, 1, 1, 3, 9); }),
        sample("last step", {2, 1, 4}, [](Tensor x) { return spread(x, 1, 6, 1, 7); })};
  };
  op.accepts = [](const Attrs&, int, const Shape&, const Strides&) { return true; };
  return op;
}();

// ---- gather and scatter_add ----

std::int64_t row_length(const Shape& shape, int leading) {
  std::int64_t n = 1;
  for (int i = leading; i < shape.rank(); ++i) n *= shape[i];
  return n;
}

const OpDef kGather = [] {
  OpDef op;
  op.name = "gather";
  op.exact = true;
  op.infer = [](const Attrs&, std::span<const Type> in) {
    if (in[1].dtype != DType::i32 || in[0].shape.rank() < 1)
      fail("gather: needs a table of rows and an i32 index; these are {} and {}", to_string(in[0]),
           to_string(in[1]));
    Shape shape = in[1].shape;
    for (int i = 1; i < in[0].shape.rank(); ++i) shape.push_back(in[0].shape[i]);
    return Types{{in[0].dtype, shape}};
  };
  op.vjp = [](const Vjp& v) {
    return Tensors{scatter_add(v.inputs[1], v.cotangents[0], v.inputs[0].dim(0)), Tensor{}};
  };
  op.reference = [](const Attrs&, const RunParams&, std::span<const HostTensor> in,
                    std::span<HostTensor> out) {
    const std::int64_t width = row_length(in[0].type.shape, 1);
    for (std::int64_t i = 0; i < in[1].size(); ++i)
      for (std::int64_t j = 0; j < width; ++j)
        out[0][i * width + j] = in[0][static_cast<std::int64_t>(in[1][i]) * width + j];
  };
  op.samples = [] {
    auto build = [](Graph&, const Tensors& t) { return Tensors{gather(t[0], t[1])}; };
    return std::vector<Sample>{
        {"rows", {{{DType::f32, {9, 5}}}, {{DType::i32, {7}}, 0, 9}}, build},
        {"matrix of ids", {{{DType::f32, {4, 3}}}, {{DType::i32, {2, 6}}, 0, 4}}, build},
        {"scalars", {{{DType::f32, {11}}}, {{DType::i32, {3, 2}}, 0, 11}}, build}};
  };
  return op;
}();

const OpDef kScatterAdd = [] {
  OpDef op;
  op.name = "scatter_add";
  op.infer = [](const Attrs& a, std::span<const Type> in) {
    const int leading = in[0].shape.rank();
    bool fits =
        in[0].dtype == DType::i32 && in[1].dtype == DType::f32 && in[1].shape.rank() >= leading;
    for (int i = 0; fits && i < leading; ++i) fits = in[0].shape[i] == in[1].shape[i];
    if (!fits)
      fail("scatter_add: updates {} do not begin with the shape of the i32 index {}",
           to_string(in[1]), to_string(in[0]));
    Shape shape{a.integer("rows")};
    for (int i = leading; i < in[1].shape.rank(); ++i) shape.push_back(in[1].shape[i]);
    return Types{{DType::f32, shape}};
  };
  op.vjp = [](const Vjp& v) { return Tensors{Tensor{}, gather(v.cotangents[0], v.inputs[0])}; };
  op.reference = [](const Attrs&, const RunParams&, std::span<const HostTensor> in,
                    std::span<HostTensor> out) {
    const std::int64_t width = row_length(out[0].type.shape, 1);
    std::fill(out[0].values.begin(), out[0].values.end(), 0.0);
    for (std::int64_t i = 0; i < in[0].size(); ++i)
      for (std::int64_t j = 0; j < width; ++j)
        out[0][static_cast<std::int64_t>(in[0][i]) * width + j] += in[1][i * width + j];
  };
  op.samples = [] {
    auto build = [](Graph&, const Tensors& t) { return Tensors{scatter_add(t[0], t[1], 6)}; };
    auto large = [](Graph&, const Tensors& t) { return Tensors{scatter_add(t[0], t[1], 700)}; };
    return std::vector<Sample>{
        {"rows", {{{DType::i32, {20}}, 0, 6}, {{DType::f32, {20, 5}}}}, build, 20},
        {"matrix of ids", {{{DType::i32, {3, 4}}, 0, 6}, {{DType::f32, {3, 4, 2}}}}, build, 12},
        {"many ids of a large table",
         {{{DType::i32, {600}}, 0, 700}, {{DType::f32, {600, 3}}}},
         large,
         600}};
  };
  return op;
}();

}  // namespace

Tensor concat(const Tensors& parts, int axis) {
  if (parts.empty()) fail("concat: there is nothing to join; give at least one tensor");
  axis = normalize_axis(axis, parts[0].rank(), "concat");
  if (parts.size() == 1) return parts[0];
  return parts[0].graph().add(kConcat, {{"axis", std::int64_t{axis}}}, parts).front();
}

Tensor pad(Tensor x, int axis, std::int64_t before, std::int64_t after, float value) {
  axis = normalize_axis(axis, x.rank(), "pad");
  const std::int64_t extent = before + x.dim(axis) + after;
  if (value == 0.0f) return spread(x, axis, before, 1, extent);
  return spread(x - value, axis, before, 1, extent) + value;
}

Tensor spread(Tensor x, int axis, std::int64_t start, std::int64_t step, std::int64_t extent) {
  axis = normalize_axis(axis, x.rank(), "spread");
  if (start == 0 && step == 1 && extent == x.dim(axis)) return x;
  return x.graph().add_one(
      kSpread, {{"axis", std::int64_t{axis}}, {"start", start}, {"step", step}, {"extent", extent}},
      {x});
}

Tensor gather(Tensor table, Tensor index) {
  return table.graph().add_one(kGather, {}, {table, index});
}

Tensor scatter_add(Tensor index, Tensor updates, std::int64_t rows) {
  return index.graph().add_one(kScatterAdd, {{"rows", rows}}, {index, updates});
}

std::vector<const OpDef*> movement_ops() { return {&kConcat, &kSpread, &kGather, &kScatterAdd}; }

}  // namespace trine
