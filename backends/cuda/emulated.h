// A device for tests: the CUDA kernels compiled as plain C++ and run on the host
// (cuda/emulation/). It shows that kernels, tables and launches compute the right thing; it shows
// nothing about races, memory limits or speed of a GPU.
#pragma once

#include <memory>

#include "backends/backend.h"
#include "backends/precision.h"

namespace trine {

std::unique_ptr<Backend> make_cuda_emulated_backend(Precision precision = Precision::f32);

}  // namespace trine
