#include "cuda/emulation/kernels.h"

#include <vector>

#include "engine/error.h"
#include "trine_cuda_kernels.h"  // every .cu of cuda/

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
