#include "engine/expression.h"

#include <bit>

#include <fmt/format.h>

#include "engine/ops/elementwise.h"

namespace trine {

std::uint32_t scalar_bits(float value) { return std::bit_cast<std::uint32_t>(value); }

int ExpressionBuilder::push(Instr instr) {
  expression_.instrs.push_back(instr);
  return expression_.inputs + static_cast<int>(expression_.instrs.size()) - 1;
}

std::int16_t ExpressionBuilder::scalar(std::uint32_t bits) {
  scalars_.push_back(bits);
  return static_cast<std::int16_t>(expression_.scalars++);
}

int ExpressionBuilder::apply(const ElementwiseFn& fn, std::span<const int> args) {
  Instr instr{.kind = InstrKind::apply, .fn = &fn};
  for (std::size_t i = 0; i < args.size(); ++i) instr.args[i] = static_cast<std::int16_t>(args[i]);
  return push(instr);
}

int ExpressionBuilder::constant(float value) {
  return push({.kind = InstrKind::constant, .scalar = scalar(scalar_bits(value))});
}

int ExpressionBuilder::random(std::uint32_t op_id) {
  return push({.kind = InstrKind::random, .scalar = scalar(op_id)});
}

std::string to_string(const Expression& expression) {
  std::string text;
  for (std::size_t k = 0; k < expression.instrs.size(); ++k) {
    const Instr& instr = expression.instrs[k];
    text += fmt::format("r{} = ", expression.inputs + static_cast<int>(k));
    switch (instr.kind) {
      case InstrKind::constant:
        text += fmt::format("s{}", instr.scalar);
        break;
      case InstrKind::random:
        text += fmt::format("random(s{})", instr.scalar);
        break;
      case InstrKind::apply:
        text += fmt::format("{}(", instr.fn->name);
        for (int a = 0; a < instr.fn->arity; ++a)
          text += fmt::format("{}r{}", a ? ", " : "", instr.args[a]);
        text += ")";
        break;
    }
    text += "; ";
  }
  for (int reg : expression.outputs) text += fmt::format("store r{} ", reg);
  if (!text.empty()) text.pop_back();
  return text;
}

}  // namespace trine
