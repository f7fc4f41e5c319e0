#include "backends/vulkan/halves.h"

#include <algorithm>

#include "backends/codegen/expression_printer.h"

namespace trine::vulkan {
namespace {

void cut(Operand& operand, int dimension, std::int64_t first, std::int64_t length) {
  operand.offset += first * operand.strides[dimension];
  operand.type.shape[dimension] = length;
}

// Elements [first, first + length) of the dimension.
Member part(Member member, int dimension, std::int64_t first, std::int64_t length) {
  for (auto* operands : {&member.inputs, &member.outputs})
    for (Operand& operand : *operands) cut(operand, dimension, first, length);
  return member;
}

}  // namespace

std::optional<std::array<Member, 2>> halves(const Step& step, const Member& member) {
  if (step.op || draws_random(step.body)) return std::nullopt;
  const Shape& shape = member.outputs[0].type.shape;
  const auto longer = std::find_if(shape.begin(), shape.end(), [](auto n) { return n > 1; });
  if (longer == shape.end()) return std::nullopt;
  const auto dimension = static_cast<int>(longer - shape.begin());
  const std::int64_t half = *longer / 2;
  return {{part(member, dimension, 0, half), part(member, dimension, half, *longer - half)}};
}

}  // namespace trine::vulkan
