#include "backends/codegen/expression_printer.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "engine/ops/elementwise.h"

namespace trine {
namespace {

std::string function_text(const ElementwiseFn& fn, const Dialect& dialect) {
  constexpr std::string_view kParameters[] = {"float x", "float x, float y",
                                              "float x, float y, float z"};
  return fmt::format("{}float row_{}({}) {{ return {}; }}\n", dialect.function_prefix, fn.name,
                     kParameters[fn.arity - 1], fn.expression);
}

std::string value_text(const Instr& instr) {
  switch (instr.kind) {
    case InstrKind::constant:
      return fmt::format("scalar_float({})", instr.scalar);
    case InstrKind::random:
      return fmt::format("random_draw({})", instr.scalar);
    case InstrKind::apply:
      break;
  }
  std::string text = fmt::format("row_{}(", instr.fn->name);
  for (int a = 0; a < instr.fn->arity; ++a)
    text += fmt::format("{}r{}", a ? ", " : "", instr.args[a]);
  return text + ")";
}

}  // namespace

std::string print_row_functions(std::span<const Expression* const> expressions,
                                const Dialect& dialect) {
  std::map<int, const ElementwiseFn*> used;
  for (const Expression* expression : expressions)
    for (const Instr& instr : expression->instrs)
      if (instr.kind == InstrKind::apply) used[instr.fn->index] = instr.fn;
  std::string text;
  for (const auto& [index, fn] : used) text += function_text(*fn, dialect);
  return text;
}

std::string print_instructions(const Expression& expression, std::string_view indent) {
  std::string text;
  for (std::size_t k = 0; k < expression.instrs.size(); ++k)
    text += fmt::format("{}float r{} = {};\n", indent, expression.inputs + static_cast<int>(k),
                        value_text(expression.instrs[k]));
  return text;
}

bool draws_random(const Expression& expression) {
  return std::any_of(expression.instrs.begin(), expression.instrs.end(),
                     [](const Instr& instr) { return instr.kind == InstrKind::random; });
}

}  // namespace trine
