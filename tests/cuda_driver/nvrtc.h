// Tests of generated kernels: NVRTC compiles them, as it is installed wherever nvcc is, and keeps
// them in a folder of the build's own.
#pragma once

#include <cstdlib>
#include <string>

#include "backends/cuda/gpu/compiler.h"

namespace trine::stand_in {

// Empty once NVRTC is at work for the stand-in's GPU; otherwise why it is not.
inline std::string switch_nvrtc_on() {
  unsetenv("TRINE_CUDA_NVRTC");
  setenv("XDG_CACHE_HOME", TRINE_BINARY_DIR "/cache/cuda_driver", 1);
  std::string why;
  return cuda::Compiler::find(90, why) ? "" : why;
}

}  // namespace trine::stand_in

#define TRINE_NEEDS_NVRTC() \
  if (const std::string why = trine::stand_in::switch_nvrtc_on(); !why.empty()) GTEST_SKIP() << why
