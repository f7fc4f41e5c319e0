// A machine that emulates kernels under the sanitizer: what it finds ends a replay with an Error.
#pragma once

#include <memory>

#include "backends/backend.h"
#include "backends/cuda/machine.h"
#include "backends/precision.h"

namespace trine::sanitizer {

std::unique_ptr<Backend> make_backend(Precision precision = Precision::f32);

// Runs launches under the sanitizer; Error with its findings. Launches are sorted by stage.
void run(const std::vector<cuda::Launch>& launches);

// Device memory for launches made by hand.
std::shared_ptr<cuda::Machine> make_machine();

}  // namespace trine::sanitizer
