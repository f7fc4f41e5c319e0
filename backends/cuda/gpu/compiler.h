// NVRTC, opened at run time where it is installed: turns generated sources into cubins, and keeps
// them on disk.
#pragma once

#include <string>
#include <vector>

#include "backends/cuda/generated_source.h"

namespace trine::cuda {

struct CompiledKernel {
  std::vector<std::byte> cubin;
  std::string symbol;  // the kernel's mangled name in it
};

class Compiler {
 public:
  // For GPUs of compute capability `architecture`, 90 for 9.0. Null, with the reason in `why`,
  // where NVRTC is not installed, does not know these GPUs, or TRINE_CUDA_NVRTC=0 forbids it.
  static const Compiler* find(int architecture, std::string& why);
  // What becomes of expressions on such GPUs: "compiled by NVRTC 13.0", or "interpreted" and why.
  static std::string how_expressions_run(int architecture);

  // "13.0"
  std::string version() const;
  // For an architecture that it was found for. From the cache on disk if it is there. Error, with
  // NVRTC's log, when the text does not compile. May be called from threads.
  CompiledKernel compile(const GeneratedSource& source, int architecture) const;

 private:
  Compiler();
  CompiledKernel compile_anew(const GeneratedSource& source, int architecture) const;

  int major_ = 0, minor_ = 0;
  std::vector<int> architectures_;
};

}  // namespace trine::cuda
