#include "engine/onnx/place.h"

#include "engine/error.h"

namespace trine::onnx {

const Operand& Place::loose(std::size_t k) const {
  const Value value = node().inputs[k];
  const Operands& made = values_[static_cast<std::size_t>(value.node)];
  if (value.output >= static_cast<int>(made.size()))
    fail(
        "ONNX: {} reads what {} keeps for its gradient, which has no form in ONNX models: export "
        "what evaluation computes",
        name(), program_.graph().node(value.node).op->name);
  return made[static_cast<std::size_t>(value.output)];
}

std::int64_t Place::fixed(const Extent& extent) const {
  if (!extent.is_fixed())
    fail("ONNX: {} needs a size that follows the batch ({}) as a number: export one batch size",
         name(), to_string(extent));
  return extent.fixed;
}

std::int64_t Place::integer(std::string_view attribute) const { return fixed(extent(attribute)); }

std::vector<std::int64_t> Place::integers(std::string_view attribute) const {
  std::vector<std::int64_t> numbers;
  for (const Extent& extent : program_.dims(index_, attribute)) numbers.push_back(fixed(extent));
  return numbers;
}

std::string Place::name() const {
  const std::string& scope = program_.graph().scope_name(node().scope);
  return scope.empty() ? std::string(node().op->name)
                       : fmt::format("{} in {}", node().op->name, scope);
}

}  // namespace trine::onnx
