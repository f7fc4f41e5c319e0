// The CUDA backend over a machine: a GPU, or the emulation.
#pragma once

#include <memory>

#include "backends/backend.h"
#include "backends/cuda/machine.h"

namespace trine::cuda {

std::unique_ptr<Backend> make_backend(std::shared_ptr<Machine> machine);

}  // namespace trine::cuda
