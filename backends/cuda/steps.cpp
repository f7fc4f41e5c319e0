#include "backends/cuda/steps.h"

#include <fmt/format.h>

#include "backends/op_kernels.h"
#include "backends/reach.h"

namespace trine::cuda {
namespace {

// Kernels count elements in 32 bits; the last block may reach a little beyond the end.
constexpr std::int64_t kMaxElements = (std::int64_t{1} << 31) - (1 << 16);

}  // namespace

std::string why_unsupported(const Step& step) {
  const OpKernel* kernel = step.op ? find_kernel(op_kernels(), *step.op) : nullptr;
  if (step.op && !kernel) return "the cuda backend has no kernel for this op";
  for (const Expression* expression : {&step.prologue, &step.body})
    if (std::string why = expression_limits(*expression); !why.empty()) return why;
  if (const Operand* operand = beyond(step, kMaxElements))
    return fmt::format(
        "an operand of shape {} reaches over {} elements and the CUDA kernels count to {}; "
        "use a smaller batch",
        to_string(operand->type.shape), reach_of(*operand), kMaxElements);
  if (!kernel || !kernel->why_not) return "";
  for (const Member& member : step.members)
    if (std::string why = kernel->why_not(member); !why.empty()) return why;
  return "";
}

void build_step(Build& build, const Step& step) {
  if (step.op)
    find_kernel(op_kernels(), *step.op)->build(build, step);
  else
    build_elementwise(build, step);
}

}  // namespace trine::cuda
