// What a device's kernels can be joined with: the fusion pass asks this and nothing else of a
// target.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace trine {

// Without ops, as here, elementwise steps join each other alone.
struct Fusion {
  // Structured ops that take an elementwise epilogue on their one output, and those that take a
  // prologue in place of their one input (engine/plan.h, Step).
  std::vector<std::string_view> epilogues, prologues;
  // Bounds on one kernel: registers that a tile interpreter keeps in cache, bindings of a GPU
  // kernel.
  std::size_t most_instrs = 48;
  std::size_t most_inputs = 14;
  std::size_t most_outputs = 4;
};

}  // namespace trine
