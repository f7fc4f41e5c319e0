// NVIDIA's driver, opened at run time: the program starts without it and says why a GPU cannot be
// used. Kernels come as cubins through the driver, so no CUDA runtime library is needed at all.
#pragma once

#include <string>

#include <cuda.h>

namespace trine::cuda {

// Each entry point under the name that <cuda.h> gives its current version.
// clang-format off
#define TRINE_CUDA_DRIVER_FUNCTIONS(X) \
  X(cuInit) X(cuDriverGetVersion) X(cuGetErrorName) X(cuGetErrorString) X(cuDeviceGetCount) \
  X(cuDeviceGet) X(cuDeviceGetName) X(cuDeviceGetAttribute) X(cuDeviceTotalMem) \
  X(cuDevicePrimaryCtxRetain) X(cuDevicePrimaryCtxRelease) X(cuCtxSetCurrent) X(cuMemAlloc) \
  X(cuMemFree) X(cuMemGetInfo) X(cuMemcpyHtoDAsync) X(cuMemcpyDtoHAsync) X(cuMemsetD32Async) \
  X(cuMemsetD8Async) X(cuStreamCreate) X(cuStreamDestroy) X(cuStreamSynchronize) \
  X(cuModuleLoadData) X(cuModuleUnload) X(cuModuleGetFunction) X(cuGraphCreate) \
  X(cuGraphDestroy) X(cuGraphAddKernelNode) X(cuGraphAddEmptyNode) X(cuGraphInstantiate) \
  X(cuGraphExecDestroy) X(cuGraphLaunch) X(cuLaunchKernel) X(cuEventCreate) X(cuEventDestroy) \
  X(cuEventRecord) X(cuEventElapsedTime)
// clang-format on

struct Driver {
#define TRINE_MEMBER(name) decltype(&::name) name = nullptr;
  TRINE_CUDA_DRIVER_FUNCTIONS(TRINE_MEMBER)
#undef TRINE_MEMBER

  // Throws Error with `doing`, what the driver says, and a remedy where one is known.
  void check(CUresult result, const char* doing) const;
};

// The initialised driver, or null with the reason in `why`. Opened once.
const Driver* find_driver(std::string& why);

}  // namespace trine::cuda
