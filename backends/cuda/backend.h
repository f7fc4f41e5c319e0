// The CUDA backend over a machine: a GPU, or the emulation.
#pragma once

#include <memory>

#include "backends/backend.h"
#include "backends/cuda/machine.h"
#include "backends/precision.h"

namespace trine::cuda {

std::unique_ptr<Backend> make_backend(std::shared_ptr<Machine> machine,
                                      Precision precision = Precision::f32);

}  // namespace trine::cuda
