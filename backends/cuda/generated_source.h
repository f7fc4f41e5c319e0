// CUDA C++ of launches with expressions: what NVRTC compiles. The text holds the generated Prologue
// and Body and includes the .cu file of the kernel, whose template is then instantiated with them.
#pragma once

#include <string>

#include "backends/cuda/machine.h"

namespace trine::cuda {

struct GeneratedSource {
  std::string text;
  std::string kernel;  // the instance to ask for: "matmul_wide<..., ...>"

  friend auto operator<=>(const GeneratedSource&, const GeneratedSource&) = default;
};

// `launch` has a body; without a prologue the text passes Identity.
GeneratedSource generate_source(const Launch& launch);

}  // namespace trine::cuda
