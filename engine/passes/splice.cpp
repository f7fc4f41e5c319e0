#include "engine/passes/splice.h"

#include <algorithm>

#include "engine/layout.h"

namespace trine {

BoundExpression splice(const BoundExpression& first, const BoundExpression& second,
                       std::span<const std::pair<int, int>> links, std::span<const int> keep) {
  BoundExpression joined = first;
  // Where each register of the second stands in the joined code; instructions follow below.
  std::vector<int> place;
  for (int k = 0; k < second.code.inputs; ++k) {
    const auto link =
        std::find_if(links.begin(), links.end(), [&](const auto& l) { return l.first == k; });
    if (link != links.end()) {
      place.push_back(-1 - link->second);  // resolved once the registers are numbered
      continue;
    }
    const Operand& operand = second.inputs[static_cast<std::size_t>(k)];
    const auto at = std::find(joined.inputs.begin(), joined.inputs.end(), operand);
    place.push_back(joined.given + static_cast<int>(at - joined.inputs.begin()));
    if (at == joined.inputs.end()) joined.inputs.push_back(operand);
  }
  // New inputs push the first's instructions up.
  const int inputs = joined.given + static_cast<int>(joined.inputs.size());
  const int shift = inputs - first.code.inputs;
  auto moved = [&](int reg) { return reg < first.code.inputs ? reg : reg + shift; };
  joined.code.inputs = inputs;
  for (Instr& instr : joined.code.instrs)
    for (std::int16_t& arg : instr.args)
      if (arg >= 0) arg = static_cast<std::int16_t>(moved(arg));
  for (int& p : place)
    if (p < 0) p = moved(first.code.outputs[static_cast<std::size_t>(-1 - p)]);

  const int before = static_cast<int>(first.code.instrs.size());
  auto joined_register = [&](int reg) {
    return reg < second.code.inputs ? place[static_cast<std::size_t>(reg)]
                                    : reg - second.code.inputs + inputs + before;
  };
  const auto slots = static_cast<std::int16_t>(first.scalars.size());
  for (Instr instr : second.code.instrs) {
    for (std::int16_t& arg : instr.args)
      if (arg >= 0) arg = static_cast<std::int16_t>(joined_register(arg));
    if (instr.scalar >= 0) instr.scalar = static_cast<std::int16_t>(instr.scalar + slots);
    joined.code.instrs.push_back(instr);
  }
  joined.scalars.insert(joined.scalars.end(), second.scalars.begin(), second.scalars.end());
  joined.code.scalars = static_cast<int>(joined.scalars.size());
  joined.code.outputs.clear();
  for (int reg : second.code.outputs) joined.code.outputs.push_back(joined_register(reg));
  for (int k : keep)
    joined.code.outputs.push_back(moved(first.code.outputs[static_cast<std::size_t>(k)]));
  return joined;
}

std::optional<Operand> over_shape(const Operand& operand, const Shape& shape) {
  const auto strides = reshape_strides(operand.type.shape, operand.strides, shape);
  if (!strides) return std::nullopt;
  return Operand{operand.buffer, operand.offset, {operand.type.dtype, shape}, *strides};
}

}  // namespace trine
