#include "cuda/emulation/kernels.h"

#include <vector>

#include "cuda/attention.cu"
#include "cuda/attention_grad.cu"
#include "cuda/elementwise.cu"
#include "cuda/gather.cu"
#include "cuda/layer_norm.cu"
#include "cuda/layer_norm_grad.cu"
#include "cuda/matmul.cu"
#include "cuda/matmul_tf32.cu"
#include "cuda/reduce.cu"
#include "cuda/scatter_add.cu"
#include "cuda/softmax.cu"
#include "cuda/spread.cu"
#include "engine/error.h"

namespace trine::emulation {
namespace {

std::vector<Kernel>& kernels() {
  static std::vector<Kernel> table;
  return table;
}

}  // namespace

Registration::Registration(std::string_view name, int threads,
                           void (*run)(const cuda::LaunchArgs&)) {
  kernels().push_back({name, threads, run});
}

const Kernel& find_kernel(std::string_view name) {
  for (const Kernel& kernel : kernels())
    if (kernel.name == name) return kernel;
  fail("emulation: there is no kernel '{}' in cuda/", name);
}

}  // namespace trine::emulation
