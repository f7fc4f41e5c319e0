// Kernels in the emulation: how a launch must look, and running it.
#pragma once

#include "tests/cuda_driver/driver/world.h"

namespace trine::stand_in {

// What cuLaunchKernel and kernel nodes are given alike.
struct LaunchRequest {
  CUfunction function;
  unsigned grid[3], block[3];
  unsigned shared_bytes;
  void** arguments;
  void** extra;
};

// Looks at a request in the current context and copies its one argument.
CUresult accept(const LaunchRequest& request, Launch& launch);

CUresult run(const Launch& launch);

}  // namespace trine::stand_in
