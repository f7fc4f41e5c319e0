#include "backends/cuda/steps.h"

#include <algorithm>

#include <fmt/format.h>

#include "backends/op_kernels.h"
#include "engine/layout.h"

namespace trine::cuda {
namespace {

// Kernels count elements in 32 bits; the last block may reach a little beyond the end.
constexpr std::int64_t kMaxElements = (std::int64_t{1} << 31) - (1 << 16);

std::string why_too_large(const Operand& operand) {
  const std::int64_t reach =
      std::max(count(operand.type.shape), extent_of(operand.type.shape, operand.strides));
  if (reach <= kMaxElements) return "";
  return fmt::format(
      "an operand of shape {} reaches over {} elements and the CUDA kernels count to {}; "
      "use a smaller batch",
      to_string(operand.type.shape), reach, kMaxElements);
}

std::string why_too_large(const Member& member) {
  for (const auto* operands : {&member.inputs, &member.outputs})
    for (const Operand& operand : *operands)
      if (std::string why = why_too_large(operand); !why.empty()) return why;
  return "";
}

}  // namespace

std::string why_unsupported(const Step& step) {
  const OpKernel* kernel = step.op ? find_kernel(op_kernels(), *step.op) : nullptr;
  if (step.op && !kernel) return "the cuda backend has no kernel for this op";
  for (const Expression* expression : {&step.prologue, &step.body})
    if (std::string why = expression_limits(*expression); !why.empty()) return why;
  for (const Member& member : step.members) {
    if (std::string why = why_too_large(member); !why.empty()) return why;
    if (!kernel || !kernel->why_not) continue;
    if (std::string why = kernel->why_not(member); !why.empty()) return why;
  }
  return "";
}

void build_step(Build& build, const Step& step) {
  if (step.op)
    find_kernel(op_kernels(), *step.op)->build(build, step);
  else
    build_elementwise(build, step);
}

}  // namespace trine::cuda
