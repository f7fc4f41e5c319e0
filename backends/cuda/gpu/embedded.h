// Files that the build puts into the program: kernels compiled by nvcc, and the kernels' texts for
// NVRTC.
#pragma once

#include <span>
#include <string_view>

namespace trine::cuda {

struct Embedded {
  std::string_view name;
  std::string_view content;
};

std::span<const Embedded> embedded_fatbins();  // "matmul": of cuda/matmul.cu
std::span<const Embedded> embedded_sources();  // "cuda/matmul.cuh", as #include names them

}  // namespace trine::cuda
