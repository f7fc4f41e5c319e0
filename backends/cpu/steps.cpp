// Which builder makes tasks of which step.
#include "backends/cpu/task.h"
#include "backends/op_kernels.h"

namespace trine::cpu {

StepBuilder find_builder(const Step& step) {
  if (!step.op) return build_elementwise;
  const OpKernel* kernel = find_kernel(op_kernels(), *step.op);
  return kernel ? kernel->build : nullptr;
}

}  // namespace trine::cpu
