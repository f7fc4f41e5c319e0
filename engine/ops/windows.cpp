// The view that makes a convolution over time one matrix product.
#include "engine/error.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/movement.h"
#include "engine/ops/view_reference.h"
#include "engine/ops/views.h"

namespace trine {
namespace {

using Types = std::vector<Type>;

Sample sample(std::string label, Shape shape, std::int64_t size, std::int64_t stride) {
  return {std::move(label), {{{DType::f32, shape}}}, [=](Graph&, const Tensors& t) {
            return Tensors{windows(t[0], size, stride)};
          }};
}

extern const OpDef kWindows;
const OpDef kWindows = [] {
  OpDef op;
  op.name = "windows";
  op.exact = true;
  op.kind = OpKind::view;
  op.infer = [](const Attrs& a, std::span<const Type> in) {
    const Shape& shape = in[0].shape;
    const std::int64_t size = a.integer("size"), stride = a.integer("stride");
    if (shape.rank() != 3 || size < 1 || stride < 1 || size > shape[1])
      fail(
          "windows: {} steps by {} do not fit a sequence of shape {}; expected (batch, time, "
          "channels) with at least that many steps",
          size, stride, to_string(shape));
    return Types{{in[0].dtype, {shape[0], (shape[1] - size) / stride + 1, size * shape[2]}}};
  };
  op.view = [](const Attrs& a, const Layout& in, const Type& out, int) -> std::optional<Layout> {
    // One stride must walk a window of size * channels elements.
    if (a.integer("size") > 1 && in.shape[2] > 1 && in.strides[1] != in.shape[2] * in.strides[2])
      return std::nullopt;
    const std::int64_t inner = in.shape[2] > 1 ? in.strides[2] : in.strides[1];
    return Layout{
        in.offset, out.shape, {in.strides[0], in.strides[1] * a.integer("stride"), inner}};
  };
  op.vjp = [](const Vjp& v) {
    const Shape& in = v.inputs[0].shape();
    const std::int64_t size = v.attrs.integer("size"), stride = v.attrs.integer("stride");
    Tensor total;
    for (std::int64_t k = 0; k < size; ++k) {
      const Tensor piece = slice(v.cotangents[0], 2, k * in[2], (k + 1) * in[2]);
      const Tensor placed = spread(piece, 1, k, stride, in[1]);
      total = total ? total + placed : placed;
    }
    return Tensors{total};
  };
  op.reference = reference_view<&kWindows>;
  op.samples = [] {
    return std::vector<Sample>{sample("overlapping", {2, 7, 3}, 3, 1),
                               sample("strided", {2, 9, 2}, 3, 2)};
  };
  return op;
}();

}  // namespace

Tensor windows(Tensor x, std::int64_t size, std::int64_t stride) {
  return x.graph().add_one(kWindows, {{"size", size}, {"stride", stride}}, {x});
}

std::vector<const OpDef*> windows_ops() { return {&kWindows}; }

}  // namespace trine
