#include "engine/ops/views.h"

#include <algorithm>

#include "engine/error.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/movement.h"
#include "engine/ops/reduce.h"
#include "engine/ops/view_reference.h"

namespace trine {
namespace {

using Types = std::vector<Type>;

Sample sample(std::string label, Shape shape, std::function<Tensor(Tensor)> build) {
  return {std::move(label),
          {{{DType::f32, shape}}},
          [build = std::move(build)](Graph&, const Tensors& t) { return Tensors{build(t[0])}; }};
}

// ---- broadcast_to ----

extern const OpDef kBroadcast;
const OpDef kBroadcast = [] {
  OpDef op;
  op.name = "broadcast_to";
  op.exact = true;
  op.kind = OpKind::view;
  op.infer = [](const Attrs& attrs, std::span<const Type> in) {
    const Shape& to = attrs.dims("shape");
    const Shape& from = in[0].shape;
    const int shift = to.rank() - from.rank();
    bool fits = shift >= 0;
    for (int i = 0; fits && i < from.rank(); ++i) fits = from[i] == to[i + shift] || from[i] == 1;
    if (!fits) fail("broadcast_to: {} does not broadcast to {}", to_string(from), to_string(to));
    return Types{{in[0].dtype, to}};
  };
  op.view = [](const Attrs&, const Layout& in, const Type& out, int) -> std::optional<Layout> {
    Layout layout{in.offset, out.shape, Dims::filled(out.shape.rank(), 0)};
    const int shift = out.shape.rank() - in.shape.rank();
    for (int i = 0; i < in.shape.rank(); ++i)
      if (in.shape[i] == out.shape[i + shift]) layout.strides[i + shift] = in.strides[i];
    return layout;
  };
  op.vjp = [](const Vjp& v) {
    const Shape& from = v.inputs[0].shape();
    const Shape& to = v.outputs[0].shape();
    const int shift = to.rank() - from.rank();
    Dims axes;
    for (int i = 0; i < to.rank(); ++i)
      if (i < shift || (from[i - shift] == 1 && to[i] != 1)) axes.push_back(i);
    return Tensors{reshape(sum(v.cotangents[0], axes), from)};
  };
  op.reference = reference_view<&kBroadcast>;
  op.samples = [] {
    return std::vector<Sample>{sample("new dimensions", {5},
                                      [](Tensor x) {
                                        return broadcast_to(x, {2, 3, 5});
                                      }),
                               sample("extents of one", {2, 1, 4}, [](Tensor x) {
                                 return broadcast_to(x, {2, 3, 4});
                               })};
  };
  return op;
}();

// ---- reshape ----

extern const OpDef kReshape;
const OpDef kReshape = [] {
  OpDef op;
  op.name = "reshape";
  op.exact = true;
  op.kind = OpKind::view;
  op.infer = [](const Attrs& attrs, std::span<const Type> in) {
    const Shape& to = attrs.dims("shape");
    if (count(to) != count(in[0].shape))
      fail("reshape: {} has {} elements and {} has {}", to_string(in[0].shape), count(in[0].shape),
           to_string(to), count(to));
    return Types{{in[0].dtype, to}};
  };
  op.view = [](const Attrs&, const Layout& in, const Type& out, int) -> std::optional<Layout> {
    const auto strides = reshape_strides(in.shape, in.strides, out.shape);
    if (!strides) return std::nullopt;
    return Layout{in.offset, out.shape, *strides};
  };
  op.vjp = [](const Vjp& v) { return Tensors{reshape(v.cotangents[0], v.inputs[0].shape())}; };
  op.reference = reference_view<&kReshape>;
  op.samples = [] {
    return std::vector<Sample>{sample("merge", {2, 3, 4},
                                      [](Tensor x) {
                                        return reshape(x, {6, 4});
                                      }),
                               sample("of a transpose, which copies", {3, 4}, [](Tensor x) {
                                 return reshape(transpose(x), {2, 6});
                               })};
  };
  return op;
}();

// ---- permute ----

extern const OpDef kPermute;
const OpDef kPermute = [] {
  OpDef op;
  op.name = "permute";
  op.exact = true;
  op.kind = OpKind::view;
  op.infer = [](const Attrs& attrs, std::span<const Type> in) {
    const Dims& axes = attrs.dims("axes");
    bool valid = axes.rank() == in[0].shape.rank();
    for (int i = 0; valid && i < axes.rank(); ++i)
      valid = std::find(axes.begin(), axes.end(), i) != axes.end();
    if (!valid)
      fail("permute: axes {} are not an order of the {} dimensions of {}", to_string(axes),
           in[0].shape.rank(), to_string(in[0].shape));
    Shape shape;
    for (std::int64_t axis : axes) shape.push_back(in[0].shape[static_cast<int>(axis)]);
    return Types{{in[0].dtype, shape}};
  };
  op.view = [](const Attrs& attrs, const Layout& in, const Type& out,
               int) -> std::optional<Layout> {
    Layout layout{in.offset, out.shape, {}};
    for (std::int64_t axis : attrs.dims("axes"))
      layout.strides.push_back(in.strides[static_cast<int>(axis)]);
    return layout;
  };
  op.vjp = [](const Vjp& v) {
    const Dims& axes = v.attrs.dims("axes");
    Dims inverse = axes;
    for (int i = 0; i < axes.rank(); ++i) inverse[static_cast<int>(axes[i])] = i;
    return Tensors{permute(v.cotangents[0], inverse)};
  };
  op.reference = reference_view<&kPermute>;
  op.samples = [] {
    return std::vector<Sample>{sample("heads", {2, 3, 4, 5},
                                      [](Tensor x) {
                                        return permute(x, {0, 2, 1, 3});
                                      }),
                               sample("matrix", {7, 3}, [](Tensor x) { return transpose(x); })};
  };
  return op;
}();

// ---- slice ----

std::int64_t slice_extent(const Attrs& a) {
  const std::int64_t step = a.integer("step");
  return (a.integer("stop") - a.integer("start") + step - 1) / step;
}

extern const OpDef kSlice;
const OpDef kSlice = [] {
  OpDef op;
  op.name = "slice";
  op.exact = true;
  op.kind = OpKind::view;
  op.infer = [](const Attrs& a, std::span<const Type> in) {
    const int axis = static_cast<int>(a.integer("axis"));
    Shape shape = in[0].shape;
    if (a.integer("start") < 0 || a.integer("stop") > shape[axis] ||
        a.integer("start") >= a.integer("stop") || a.integer("step") < 1)
      fail("slice: elements {} to {} by {} do not lie in axis {} of {}", a.integer("start"),
           a.integer("stop"), a.integer("step"), axis, to_string(shape));
    shape[axis] = slice_extent(a);
    return Types{{in[0].dtype, shape}};
  };
  op.view = [](const Attrs& a, const Layout& in, const Type& out, int) -> std::optional<Layout> {
    const int axis = static_cast<int>(a.integer("axis"));
    Layout layout{in.offset + a.integer("start") * in.strides[axis], out.shape, in.strides};
    layout.strides[axis] *= a.integer("step");
    return layout;
  };
  op.vjp = [](const Vjp& v) {
    const int axis = static_cast<int>(v.attrs.integer("axis"));
    const std::int64_t extent = v.inputs[0].shape()[axis];
    return Tensors{
        spread(v.cotangents[0], axis, v.attrs.integer("start"), v.attrs.integer("step"), extent)};
  };
  op.reference = reference_view<&kSlice>;
  op.samples = [] {
    return std::vector<Sample>{
        sample("middle", {4, 9}, [](Tensor x) { return slice(x, 1, 2, 7); }),
        sample("strided", {9, 3}, [](Tensor x) { return slice(x, 0, 1, 9, 3); }),
        sample("last step", {2, 5, 3}, [](Tensor x) { return select_index(x, 1, -1); })};
  };
  return op;
}();

// ---- split ----

extern const OpDef kSplit;
const OpDef kSplit = [] {
  OpDef op;
  op.name = "split";
  op.exact = true;
  op.kind = OpKind::view;
  op.infer = [](const Attrs& a, std::span<const Type> in) {
    const int axis = static_cast<int>(a.integer("axis"));
    const Dims& sizes = a.dims("sizes");
    std::int64_t total = 0;
    Types types;
    for (std::int64_t size : sizes) {
      Shape shape = in[0].shape;
      shape[axis] = size;
      types.push_back({in[0].dtype, shape});
      total += size;
    }
    if (total != in[0].shape[axis])
      fail("split: sizes {} add up to {}, and axis {} of {} has {}", to_string(sizes), total, axis,
           to_string(in[0].shape), in[0].shape[axis]);
    return types;
  };
  op.view = [](const Attrs& a, const Layout& in, const Type& out, int index) {
    const int axis = static_cast<int>(a.integer("axis"));
    std::int64_t start = 0;
    for (int i = 0; i < index; ++i) start += a.dims("sizes")[i];
    return std::optional(Layout{in.offset + start * in.strides[axis], out.shape, in.strides});
  };
  op.vjp = [](const Vjp& v) {
    Tensors pieces = v.cotangents;
    for (std::size_t i = 0; i < pieces.size(); ++i)
      if (!pieces[i]) pieces[i] = fill(v.graph, v.outputs[i].shape(), 0.0f);
    return Tensors{concat(pieces, static_cast<int>(v.attrs.integer("axis")))};
  };
  op.reference = reference_view<&kSplit>;
  op.samples = [] {
    return std::vector<Sample>{{"thirds", {{{DType::f32, {4, 9}}}}, [](Graph&, const Tensors& t) {
                                  const std::int64_t sizes[] = {2, 4, 3};
                                  return split(t[0], 1, sizes);
                                }}};
  };
  return op;
}();

// ---- stop_gradient ----

extern const OpDef kStopGradient;
const OpDef kStopGradient = [] {
  OpDef op;
  op.name = "stop_gradient";
  op.exact = true;
  op.kind = OpKind::view;
  op.infer = [](const Attrs&, std::span<const Type> in) { return Types{in[0]}; };
  op.view = [](const Attrs&, const Layout& in, const Type&, int) { return std::optional(in); };
  op.reference = reference_view<&kStopGradient>;
  op.samples = [] {
    return std::vector<Sample>{sample("same", {3, 4}, [](Tensor x) { return stop_gradient(x); })};
  };
  return op;
}();

}  // namespace

Shape broadcast_shape(const Shape& a, const Shape& b, std::string_view who) {
  const int rank = std::max(a.rank(), b.rank());
  Shape shape = Dims::filled(rank, 1);
  for (int i = 0; i < rank; ++i) {
    const std::int64_t x = i < rank - a.rank() ? 1 : a[i - (rank - a.rank())];
    const std::int64_t y = i < rank - b.rank() ? 1 : b[i - (rank - b.rank())];
    if (x != y && x != 1 && y != 1)
      fail("{}: shapes {} and {} do not broadcast: dimension {} is {} in one and {} in the other",
           who, to_string(a), to_string(b), i, x, y);
    shape[i] = x == 1 ? y : x;
  }
  return shape;
}

Tensor broadcast_to(Tensor x, const Shape& shape) {
  if (x.shape() == shape) return x;
  return x.graph().add_one(kBroadcast, {{"shape", shape}}, {x});
}

Tensor reshape(Tensor x, Shape shape) {
  const auto wild = std::find(shape.begin(), shape.end(), -1);
  if (wild != shape.end()) {
    const int at = static_cast<int>(wild - shape.begin());
    shape[at] = 1;
    shape[at] = count(shape) ? count(x.shape()) / count(shape) : 0;
  }
  if (x.shape() == shape) return x;
  return x.graph().add_one(kReshape, {{"shape", shape}}, {x});
}

Tensor permute(Tensor x, const Dims& axes) {
  return x.graph().add_one(kPermute, {{"axes", axes}}, {x});
}

Tensor transpose(Tensor x, int axis_a, int axis_b) {
  Dims axes;
  for (int i = 0; i < x.rank(); ++i) axes.push_back(i);
  std::swap(axes[normalize_axis(axis_a, x.rank(), "transpose")],
            axes[normalize_axis(axis_b, x.rank(), "transpose")]);
  return permute(x, axes);
}

Tensor slice(Tensor x, int axis, std::int64_t start, std::int64_t stop, std::int64_t step) {
  axis = normalize_axis(axis, x.rank(), "slice");
  const std::int64_t extent = x.shape()[axis];
  if (start < 0) start += extent;
  if (stop < 0) stop += extent;
  if (start == 0 && stop == extent && step == 1) return x;
  return x.graph().add_one(
      kSlice, {{"axis", std::int64_t{axis}}, {"start", start}, {"stop", stop}, {"step", step}},
      {x});
}

Tensor select_index(Tensor x, int axis, std::int64_t index) {
  axis = normalize_axis(axis, x.rank(), "select_index");
  if (index < 0) index += x.shape()[axis];
  return squeeze(slice(x, axis, index, index + 1), axis);
}

Tensors split(Tensor x, int axis, std::span<const std::int64_t> sizes) {
  axis = normalize_axis(axis, x.rank(), "split");
  const Tensor inputs[] = {x};
  return x.graph().add(kSplit, {{"axis", std::int64_t{axis}}, {"sizes", Dims(sizes)}}, inputs);
}

Tensor unsqueeze(Tensor x, int axis) {
  axis = normalize_axis(axis, x.rank() + 1, "unsqueeze");
  Shape shape = x.shape();
  shape.insert(axis, 1);
  return reshape(x, shape);
}

Tensor squeeze(Tensor x, int axis) {
  axis = normalize_axis(axis, x.rank(), "squeeze");
  Shape shape = x.shape();
  if (shape[axis] != 1)
    fail("squeeze: axis {} of {} has {} elements, not one", axis, to_string(shape), shape[axis]);
  shape.erase(axis);
  return reshape(x, shape);
}

Tensor stop_gradient(Tensor x) { return x.graph().add_one(kStopGradient, {}, {x}); }

std::vector<const OpDef*> views_ops() {
  return {&kBroadcast, &kReshape, &kPermute, &kSlice, &kSplit, &kStopGradient};
}

}  // namespace trine
