// What backends do with their tables of kernels, whose rows begin with the name of an op.
#pragma once

#include <algorithm>
#include <vector>

#include "engine/op.h"
#include "engine/passes/fusion.h"

namespace trine {

// Null if the table has none.
template <class Kernel>
const Kernel* find_kernel(const std::vector<Kernel>& kernels, const OpDef& op) {
  const auto found = std::ranges::find(kernels, op.name, &Kernel::op);
  return found == kernels.end() ? nullptr : &*found;
}

// What the fusion pass may join to these kernels.
template <class Kernel>
Fusion fusion_of(const std::vector<Kernel>& kernels) {
  Fusion fusion;
  for (const Kernel& kernel : kernels) {
    if (kernel.epilogue) fusion.epilogues.push_back(kernel.op);
    if (kernel.prologue) fusion.prologues.push_back(kernel.op);
  }
  return fusion;
}

}  // namespace trine
