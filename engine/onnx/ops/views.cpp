// The rules of views. stop_gradient has none, as simplification leaves it out.
#include <limits>
#include <numeric>

#include "engine/onnx/rules.h"

namespace trine::onnx {
namespace {

// A bound of Slice along an axis of `extent` elements: a number where one can be written down, from
// the end where the end follows the batch as the bound does.
std::string bound(GraphWriter& to, const Extent& at, const Extent& extent) {
  if (at == extent) return to.whole_numbers({std::numeric_limits<std::int64_t>::max()});
  const Extent from_end = at - extent;
  if (!at.is_fixed() && from_end.is_fixed() && from_end.fixed < 0)
    return to.whole_numbers({from_end.fixed});
  return to.dimension(at);
}

// Elements start, start + step, ... below stop.
std::string sliced(GraphWriter& to, const Operand& x, std::int64_t axis, const Extent& start,
                   const Extent& stop, std::int64_t step) {
  const Extent& extent = x.shape[static_cast<std::size_t>(axis)];
  Names inputs{x.name, bound(to, start, extent), bound(to, stop, extent), to.whole_numbers({axis})};
  if (step != 1) inputs.push_back(to.whole_numbers({step}));
  return to.add("Slice", inputs);
}

// Readers broadcast by themselves or ask for the full shape.
Operands broadcast_to(GraphWriter&, const Place& at) { return {at.loose(0)}; }

Operands reshape(GraphWriter& to, const Place& at) {
  // One number for all elements is that in every shape.
  if (at.loose(0).shape.empty()) return {at.loose(0)};
  return {to.reshaped(at.full(0), at.output_shape())};
}

Operands permute(GraphWriter& to, const Place& at) {
  const std::vector<std::int64_t> axes = at.integers("axes");
  const Operand& loose = at.loose(0);
  return {to.transposed(loose.shape.size() == axes.size() ? loose : at.full(0), axes)};
}

Operands slice(GraphWriter& to, const Place& at) {
  return {{sliced(to, at.full(0), at.integer("axis"), at.extent("start"), at.extent("stop"),
                  at.integer("step")),
           at.output_shape()}};
}

Operands split(GraphWriter& to, const Place& at) {
  const Names names = to.add_several("Split", at.node().outputs.size(),
                                     {at.full(0).name, to.whole_numbers(at.integers("sizes"))},
                                     {{"axis", at.integer("axis")}});
  Operands pieces;
  for (const std::string& name : names)
    pieces.push_back({name, at.output_shape(static_cast<int>(pieces.size()))});
  return pieces;
}

// Step k of every window is a strided slice of the sequence; side by side they are the windows.
Operands windows(GraphWriter& to, const Place& at) {
  const Operand x = at.full(0);
  const std::int64_t size = at.integer("size"), stride = at.integer("stride");
  const Sizes shape = at.output_shape();
  Extent reach = shape[1];  // from the first of the steps to one past the last
  reach.fixed = (reach.fixed - 1) * stride + 1;
  reach.per_sample *= stride;
  Names steps;
  for (std::int64_t k = 0; k < size; ++k)
    steps.push_back(sliced(to, x, 1, Extent{k}, reach + Extent{k}, stride));
  if (size == 1) return {{steps[0], shape}};
  return {{to.add("Concat", steps, {{"axis", std::int64_t{2}}}), shape}};
}

}  // namespace

std::vector<OpRule> views_rules() {
  return {{"broadcast_to", broadcast_to},
          {"reshape", reshape},
          {"permute", permute},
          {"slice", slice},
          {"split", split},
          {"windows", windows}};
}

}  // namespace trine::onnx
