// The rule of every elementwise op: its instructions, and in them the expressions of the table.
#include <array>
#include <bit>

#include "engine/error.h"
#include "engine/onnx/formula.h"
#include "engine/onnx/rules.h"
#include "engine/ops/elementwise.h"

namespace trine::onnx {
namespace {

struct Spelling {
  std::string_view ours, theirs;
};

// Rows that ONNX has as they are; all others are put together from their expressions. (ONNX's Sign
// of NaN is NaN, ours is 0.)
constexpr std::array kWholeRows{
    Spelling{"relu", "Relu"},
    Spelling{"sigmoid", "Sigmoid"},
    Spelling{"tanh", "Tanh"},
    Spelling{"reciprocal", "Reciprocal"},
};

// Functions and operators of expressions. Comparisons stand apart, as their results are booleans.
constexpr std::array kCalls{
    Spelling{"negate", "Neg"}, Spelling{"+", "Add"},       Spelling{"-", "Sub"},
    Spelling{"*", "Mul"},      Spelling{"/", "Div"},       Spelling{"exp", "Exp"},
    Spelling{"log", "Log"},    Spelling{"sqrt", "Sqrt"},   Spelling{"tanh", "Tanh"},
    Spelling{"sin", "Sin"},    Spelling{"cos", "Cos"},     Spelling{"pow", "Pow"},
    Spelling{"abs", "Abs"},    Spelling{"floor", "Floor"}, Spelling{"max", "Max"},
    Spelling{"min", "Min"},    Spelling{"erf", "Erf"},
};
constexpr std::array kComparisons{
    Spelling{">", "Greater"},      Spelling{"<", "Less"},   Spelling{">=", "GreaterOrEqual"},
    Spelling{"<=", "LessOrEqual"}, Spelling{"==", "Equal"},
};

template <std::size_t n>
std::string_view find_name(const std::array<Spelling, n>& spellings, std::string_view ours) {
  for (const Spelling& spelling : spellings)
    if (spelling.ours == ours) return spelling.theirs;
  return {};
}

// Appends what one formula computes of the variables x, y, z.
class FormulaWriter {
 public:
  FormulaWriter(GraphWriter& to, const Operands& variables) : to_(to), variables_(variables) {}

  // An f32 value.
  Operand value(const Formula& formula) {
    switch (formula.kind) {
      case Formula::Kind::number:
        return {to_.scalar(formula.number), {}};
      case Formula::Kind::variable:
        return variables_.at(static_cast<std::size_t>(formula.variable));
      case Formula::Kind::call:
        break;
    }
    if (formula.name == "?:")
      return applied("Where", {condition(formula.operands[0]), value(formula.operands[1]),
                               value(formula.operands[2])});
    if (formula.name == "expm1") return expm1(value(formula.operands[0]));
    if (is_comparison(formula)) {
      const Operand truth = condition(formula);
      return {to_.add("Cast", {truth.name}, {{"to", data_type(DType::f32)}}), truth.shape};
    }
    const std::string_view type = find_name(kCalls, formula.name);
    if (type.empty())
      fail(
          "ONNX: the expression of an elementwise op calls '{}', which has no operator here: give "
          "it "
          "a row in engine/onnx/elementwise.cpp",
          formula.name);
    return applied(type, values(formula.operands));
  }

 private:
  static bool is_comparison(const Formula& formula) {
    return formula.name == "!=" || !find_name(kComparisons, formula.name).empty();
  }

  // A boolean.
  Operand condition(const Formula& formula) {
    if (formula.name == "!=") return applied("Not", {applied("Equal", values(formula.operands))});
    if (const std::string_view type = find_name(kComparisons, formula.name); !type.empty())
      return applied(type, values(formula.operands));
    fail("ONNX: the condition of ?: in an elementwise expression must be a comparison");
  }

  // (e^x + 1) tanh(x / 2), which keeps its digits near 0, as e^x - 1 would not.
  Operand expm1(const Operand& x) {
    const Operand up = applied("Add", {applied("Exp", {x}), {to_.scalar(1.0f), {}}});
    const Operand half = applied("Mul", {x, {to_.scalar(0.5f), {}}});
    return applied("Mul", {up, applied("Tanh", {half})});
  }

  Operands values(const std::vector<Formula>& formulas) {
    Operands all;
    for (const Formula& formula : formulas) all.push_back(value(formula));
    return all;
  }

  Operand applied(std::string_view type, const Operands& operands) {
    Names names;
    Sizes shape;
    for (const Operand& operand : operands) {
      names.push_back(operand.name);
      shape = broadcast(shape, operand.shape);
    }
    return {to_.add(type, names), shape};
  }

  GraphWriter& to_;
  const Operands& variables_;
};

Operand apply_row(GraphWriter& to, const ElementwiseFn& fn, const Operands& operands) {
  if (const std::string_view type = find_name(kWholeRows, fn.name); !type.empty())
    return {to.add(type, {operands[0].name}), operands[0].shape};
  return FormulaWriter(to, operands).value(parse_formula(fn.expression));
}

Operand cast(GraphWriter& to, const Operand& x, DType type) {
  return {to.add("Cast", {x.name}, {{"to", data_type(type)}}), x.shape};
}

Operand run(GraphWriter& to, const Instr& instr, const ExpressionBuilder& builder,
            const Operands& registers) {
  if (instr.kind == InstrKind::constant) {
    const std::uint32_t bits = builder.scalars()[static_cast<std::size_t>(instr.scalar)];
    return {to.scalar(std::bit_cast<float>(bits)), {}};
  }
  Operands operands;
  for (int k = 0; k < instr.fn->arity; ++k)
    operands.push_back(registers[static_cast<std::size_t>(instr.args[k])]);
  return apply_row(to, *instr.fn, operands);
}

}  // namespace

// Registers are f32; integers convert on their way in and out (engine/expression.h). No instruction
// draws: ops that do are not pure and have no rule.
Operands elementwise(GraphWriter& to, const Place& at) {
  const Node& node = at.node();
  ExpressionBuilder builder(static_cast<int>(at.inputs()));
  std::vector<int> inputs;
  Operands registers;
  for (std::size_t k = 0; k < at.inputs(); ++k) {
    inputs.push_back(static_cast<int>(k));
    const Operand& x = at.loose(k);
    registers.push_back(at.input_type(k) == DType::f32 ? x : cast(to, x, DType::f32));
  }
  const int result = node.op->express(node.attrs, builder, inputs);
  for (const Instr& instr : builder.expression().instrs)
    registers.push_back(run(to, instr, builder, registers));
  const Operand& y = registers[static_cast<std::size_t>(result)];
  return {node.outputs[0].dtype == DType::f32 ? y : cast(to, y, node.outputs[0].dtype)};
}

}  // namespace trine::onnx
