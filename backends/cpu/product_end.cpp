#include "backends/cpu/product_end.h"

#include <bit>
#include <limits>

#include "engine/layout.h"
#include "engine/ops/elementwise.h"

namespace trine::cpu {
namespace {

// Follows the result through the instructions of an epilogue, register by register.
class Recognition {
 public:
  Recognition(const BuildContext& build, const Step& step, const Member& member)
      : build_(build), step_(step), member_(member), values_(registers(step.body)) {}

  std::optional<GemmEnd> run() {
    int reg = step_.body.inputs;
    for (const Instr& instr : step_.body.instrs)
      if (!follow(instr, reg++)) return {};
    const Operand& output = member_.outputs[0];
    if (step_.body.outputs.size() != 1 || step_.body.outputs[0] != result_) return {};
    if (!is_dense(output) || output.type.dtype != DType::f32) return {};
    return end_;
  }

 private:
  // What is known of a register beside the result.
  struct Value {
    std::optional<float> constant;
    std::optional<GemmMatrix> positive;  // 1 where this matrix is, else 0
  };

  static std::size_t registers(const Expression& body) {
    return static_cast<std::size_t>(body.inputs) + body.instrs.size();
  }
  const Value& value(int reg) const { return values_[static_cast<std::size_t>(reg)]; }

  bool follow(const Instr& instr, int reg) {
    Value& made = values_[static_cast<std::size_t>(reg)];
    if (instr.kind == InstrKind::constant) {
      made.constant = std::bit_cast<float>(member_.scalars[static_cast<std::size_t>(instr.scalar)]);
      return true;
    }
    if (instr.kind != InstrKind::apply) return false;
    if (instr.fn->name == "greater") return note_positive(instr, made);
    if (!change_result(instr)) return false;
    result_ = reg;
    return true;
  }

  bool note_positive(const Instr& instr, Value& made) const {
    if (value(instr.args[1]).constant != 0.0f) return false;
    made.positive = matrix_of(instr.args[0]);
    return made.positive.has_value();
  }

  bool change_result(const Instr& instr) {
    const bool first = instr.args[0] == result_;
    if (!first && instr.args[1] != result_) return false;
    const int other = first ? instr.args[1] : instr.args[0];
    if (instr.fn->name == "add") return add(other);
    if (instr.fn->name == "multiply") return gate(other);
    if (!first || end_.gate.base) return false;
    if (instr.fn->name == "relu") return bound(0.0f, std::numeric_limits<float>::infinity());
    if (instr.fn->name != "clamp") return false;
    const std::optional<float> lower = value(other).constant, upper = value(instr.args[2]).constant;
    return lower && upper && bound(*lower, *upper);
  }

  bool add(int reg) {
    if (end_.bounded || end_.gate.base || end_.addends[1].base) return false;
    const std::optional<GemmMatrix> addend = matrix_of(reg);
    if (!addend) return false;
    if (is_result(*addend)) return add_result(*addend);
    end_.addends[end_.addends[0].base ? 1 : 0] = *addend;
    return true;
  }

  bool is_result(const GemmMatrix& matrix) const {
    return matrix.base == build_.address(member_.outputs[0]);
  }

  // The result may replace one addend, the first, element by element.
  bool add_result(const GemmMatrix& addend) {
    const Shape& shape = member_.outputs[0].type.shape;
    if (addend.row != shape[shape.rank() - 1] || is_result(end_.addends[0])) return false;
    end_.addends[1] = end_.addends[0];
    end_.addends[0] = addend;
    return true;
  }

  bool bound(float lower, float upper) {
    if (end_.bounded) return false;
    end_.bounded = true;
    end_.lower = lower;
    end_.upper = upper;
    return true;
  }

  // Not where the result replaces the matrix: it is written before the last terms have come.
  bool gate(int reg) {
    if (end_.gate.base || !value(reg).positive) return false;
    end_.gate = *value(reg).positive;
    return !is_result(end_.gate);
  }

  // An input of the epilogue as rows that lie evenly apart; one row repeated lies 0 apart.
  std::optional<GemmMatrix> matrix_of(int reg) const {
    if (reg < 1 || reg >= step_.body.inputs) return {};
    const Operand& operand = member_.inputs[static_cast<std::size_t>(step_.op_inputs + reg - 1)];
    if (operand.type.dtype != DType::f32) return {};
    Shape shape = member_.outputs[0].type.shape;
    const std::int64_t columns = shape[shape.rank() - 1];
    Strides strides[] = {operand.strides, dense_strides(shape)};
    if (columns == 1) return {};
    collapse(shape, strides);
    const float* base = build_.address(operand);
    if (shape.rank() == 1 && strides[0][0] == 1) return GemmMatrix{base, columns};
    if (shape.rank() == 2 && shape[1] == columns && strides[0][1] == 1)
      return GemmMatrix{base, strides[0][0]};
    return {};
  }

  const BuildContext& build_;
  const Step& step_;
  const Member& member_;
  std::vector<Value> values_;
  int result_ = 0;  // register
  GemmEnd end_;
};

}  // namespace

std::optional<GemmEnd> find_product_end(const BuildContext& build, const Step& step,
                                        const Member& member) {
  if (step.body.empty()) return GemmEnd{};
  return Recognition(build, step, member).run();
}

}  // namespace trine::cpu
