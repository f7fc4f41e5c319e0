#include <algorithm>
#include <bit>

#include <fmt/format.h>

#include "backends/cuda/build.h"
#include "engine/layout.h"
#include "engine/ops/elementwise.h"

namespace trine::cuda {

float* Build::keep(std::int64_t floats) {
  kept_.emplace_back(machine_, floats * static_cast<std::int64_t>(sizeof(float)));
  return reinterpret_cast<float*>(kept_.back().address());
}

Divisor divisor_of(std::int64_t extent) {
  const auto divisor = static_cast<std::uint64_t>(std::max<std::int64_t>(extent, 1));
  const int bits = std::bit_width(divisor - 1);  // ceil(log2)
  const std::uint64_t reciprocal = ((std::uint64_t{1} << (31 + bits)) + divisor - 1) / divisor;
  return {static_cast<int>(extent), static_cast<unsigned>(reciprocal), bits};
}

Domain domain_of(const Shape& shape) {
  Domain domain{std::max(shape.rank(), 1), {divisor_of(1)}};
  for (int d = 0; d < shape.rank(); ++d) domain.axes[d] = divisor_of(shape[d]);
  return domain;
}

Window window_of(const Build& build, const Operand& operand, const Strides& strides) {
  Window window{build.address(operand), operand.type.dtype == DType::i32, {}};
  for (int d = 0; d < strides.rank(); ++d) window.strides[d] = static_cast<int>(strides[d]);
  return window;
}

Points points_of(Build& build, Shape domain, std::span<const Operand> inputs,
                 std::span<const Operand> outputs, std::span<const std::uint32_t> scalars) {
  std::vector<Strides> strides;
  for (const Operand& operand : inputs) strides.push_back(operand.strides);
  for (const Operand& operand : outputs) strides.push_back(operand.strides);
  collapse(domain, strides);
  std::vector<Window> windows;
  for (std::size_t k = 0; k < inputs.size(); ++k)
    windows.push_back(window_of(build, inputs[k], strides[k]));
  const int inputs_at = build.table().append<Window>(windows);
  windows.clear();
  for (std::size_t k = 0; k < outputs.size(); ++k)
    windows.push_back(window_of(build, outputs[k], strides[inputs.size() + k]));
  const int outputs_at = build.table().append<Window>(windows);
  return {domain_of(domain), inputs_at, outputs_at, build.table().append<std::uint32_t>(scalars)};
}

Points epilogue_points(Build& build, const Step& step, const Member& member) {
  const auto extra = std::span(member.inputs).subspan(static_cast<std::size_t>(step.op_inputs));
  return points_of(build, member.outputs[0].type.shape, extra, member.outputs, member.scalars);
}

Code code_of(Build& build, const Expression& expression) {
  std::vector<Instruction> instructions;
  for (const Instr& instr : expression.instrs) {
    Instruction i{kConstant, {instr.args[0], instr.args[1], instr.args[2]}, instr.scalar};
    if (instr.kind == InstrKind::random) i.row = kRandom;
    if (instr.kind == InstrKind::apply) i.row = static_cast<short>(instr.fn->index);
    instructions.push_back(i);
  }
  Code code{build.table().append<Instruction>(instructions),
            static_cast<int>(instructions.size()),
            expression.inputs,
            static_cast<int>(expression.outputs.size()),
            {}};
  std::copy(expression.outputs.begin(), expression.outputs.end(), code.stores);
  return code;
}

std::string expression_limits(const Expression& expression) {
  const int registers = expression.inputs + static_cast<int>(expression.instrs.size());
  const int stores = static_cast<int>(expression.outputs.size());
  if (registers > kMaxRegisters || stores > kMaxStores)
    return fmt::format(
        "the fused expression has {} registers and {} results, and the CUDA kernels hold {} and "
        "{}; "
        "compile with the fuse pass switched off (-fuse)",
        registers, stores, kMaxRegisters, kMaxStores);
  return "";
}

}  // namespace trine::cuda
