// The CPU backend: Eigen for matrix products, elementwise chains interpreted over cache-sized
// tiles, a fixed thread pool. How work is cut depends on shapes alone, never on the number of
// threads, so that results have the same bits with any number of them.
#pragma once

#include <memory>

#include "backends/backend.h"

namespace trine {

// What its kernels take in. Plans for no device, and the reference, which takes anything, follow
// it, so that they show and check the plans that run.
Fusion cpu_fusion();

// `threads` 0: as many as the machine has.
std::unique_ptr<Backend> make_cpu_backend(int threads = 0);

}  // namespace trine
