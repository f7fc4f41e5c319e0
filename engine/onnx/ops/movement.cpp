// The rules of ops that move elements.
#include "engine/onnx/rules.h"

namespace trine::onnx {
namespace {

// Zeros around x along an axis.
Operand padded(GraphWriter& to, const Operand& x, std::int64_t axis, std::int64_t before,
               std::int64_t after) {
  const auto at = static_cast<std::size_t>(axis);
  std::vector<std::int64_t> pads(2 * x.shape.size(), 0);
  pads[at] = before;
  pads[x.shape.size() + at] = after;
  Sizes shape = x.shape;
  shape[at] = shape[at] + Extent{before + after};
  return {to.add("Pad", {x.name, to.whole_numbers(pads)}), shape};
}

// step - 1 zeros between the elements of an axis: each gets an axis of its own, which is padded and
// merged again, and the zeros after the last are cut off.
Operand stretched(GraphWriter& to, const Operand& x, std::int64_t axis, std::int64_t n,
                  std::int64_t step) {
  const auto at = static_cast<std::size_t>(axis);
  Sizes apart = x.shape, merged = x.shape;
  apart.insert(apart.begin() + axis + 1, Extent{1});
  merged[at] = {n * step};
  const Operand spaced =
      to.reshaped(padded(to, to.reshaped(x, apart), axis + 1, 0, step - 1), merged);
  const std::int64_t length = (n - 1) * step + 1;
  merged[at] = {length};
  return {to.add("Slice", {spaced.name, to.whole_numbers({0}), to.whole_numbers({length}),
                           to.whole_numbers({axis})}),
          merged};
}

Operands concat(GraphWriter& to, const Place& at) {
  Names parts;
  for (std::size_t k = 0; k < at.inputs(); ++k) parts.push_back(at.full(k).name);
  return {{to.add("Concat", parts, {{"axis", at.integer("axis")}}), at.output_shape()}};
}

Operands spread(GraphWriter& to, const Place& at) {
  const std::int64_t axis = at.integer("axis"), step = at.integer("step");
  const std::int64_t before = at.integer("start");
  const auto extent_of = [&](const Operand& x) { return x.shape[static_cast<std::size_t>(axis)]; };
  Operand x = at.full(0);
  if (step > 1) x = stretched(to, x, axis, at.fixed(extent_of(x)), step);
  const std::int64_t after = at.fixed(at.extent("extent") - extent_of(x)) - before;
  return {padded(to, x, axis, before, after)};
}

Operands gather(GraphWriter& to, const Place& at) {
  return {{to.add("Gather", {at.full(0).name, at.full(1).name}, {{"axis", std::int64_t{0}}}),
           at.output_shape()}};
}

Operands scatter_add(GraphWriter& to, const Place& at) {
  const Operand zeros = to.expanded({to.scalar(0.0f), {}}, at.output_shape());
  const std::string rows = to.add("Unsqueeze", {at.full(0).name, to.whole_numbers({-1})});
  return {{to.add("ScatterND", {zeros.name, rows, at.full(1).name},
                  {{"reduction", std::string("add")}}),
           at.output_shape()}};
}

}  // namespace

std::vector<OpRule> movement_rules() {
  return {{"concat", concat}, {"spread", spread}, {"gather", gather}, {"scatter_add", scatter_add}};
}

}  // namespace trine::onnx
