// Expressions as data: what runs where no compiler for generated kernels is at hand, which is on
// GPUs without NVRTC and in the emulation. Each instruction is a row of the elementwise table.
#pragma once

#include "cuda/expression.cuh"

namespace trine::cuda {

enum class Row : short {
#define TRINE_UNARY(name, ...) name,
#define TRINE_BINARY(name, ...) name,
#define TRINE_TERNARY(name, ...) name,
#include "engine/ops/elementwise_table.h"
#undef TRINE_UNARY
#undef TRINE_BINARY
#undef TRINE_TERNARY
};

TRINE_DEVICE_CALL float apply_row(Row row, float x, float y, float z) {
  switch (row) {
#define TRINE_ROW(name, expression) \
  case Row::name:                   \
    return expression;
#define TRINE_UNARY(name, expression, ...) TRINE_ROW(name, expression)
#define TRINE_BINARY(name, expression, ...) TRINE_ROW(name, expression)
#define TRINE_TERNARY(name, expression, ...) TRINE_ROW(name, expression)
#include "engine/ops/elementwise_table.h"
#undef TRINE_UNARY
#undef TRINE_BINARY
#undef TRINE_TERNARY
#undef TRINE_ROW
  }
  return 0.0f;
}

class Interpreted {
 public:
  TRINE_DEVICE Interpreted(const LaunchArgs& args, const Code& code)
      : code_(code),
        instructions_(reinterpret_cast<const Instruction*>(args.table + code.instructions)) {}

  template <class Access>
  TRINE_DEVICE_CALL void run(Access& at) const {
    float registers[kMaxRegisters];
    for (int k = 0; k < code_.inputs; ++k) registers[k] = at.load(k);
    for (int k = 0; k < code_.count; ++k)
      registers[code_.inputs + k] = evaluate(instructions_[k], registers, at);
    for (int k = 0; k < code_.outputs; ++k) at.store(k, registers[code_.stores[k]]);
  }

 private:
  template <class Access>
  TRINE_DEVICE float evaluate(const Instruction& i, const float* registers, Access& at) const {
    if (i.row == kConstant) return at.scalar(i.scalar);
    if (i.row == kRandom) return at.draw(i.scalar);
    return apply_row(static_cast<Row>(i.row), argument(i, 0, registers), argument(i, 1, registers),
                     argument(i, 2, registers));
  }

  TRINE_DEVICE static float argument(const Instruction& i, int index, const float* registers) {
    return i.args[index] < 0 ? 0.0f : registers[i.args[index]];
  }

  const Code& code_;
  const Instruction* instructions_;
};

}  // namespace trine::cuda
