// The table of emulated kernels: every .cu file of cuda/, compiled as plain C++.
#pragma once

#include <string_view>

#include "cuda/members.cuh"

namespace trine::emulation {

struct Kernel {
  std::string_view name;
  int threads = 0;  // of a block
  void (*run)(const cuda::LaunchArgs&) = nullptr;
};

// Error if there is none of this name.
const Kernel& find_kernel(std::string_view name);

// Adds a kernel to the table; what TRINE_KERNEL of cuda/entry.cuh expands to.
struct Registration {
  Registration(std::string_view name, int threads, void (*run)(const cuda::LaunchArgs&));
};

}  // namespace trine::emulation
