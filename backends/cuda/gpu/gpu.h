// NVIDIA GPUs as devices.
#pragma once

#include <memory>
#include <string>

#include "backends/precision.h"
#include "backends/registry.h"

namespace trine {

// Every GPU that the driver shows, or the reason why there is none.
BackendListing list_cuda_devices();

// `selector`: empty for the first, an index, or a part of the name in any case. Error, naming the
// devices there are, when nothing fits; or when a GPU without TF32 is asked for it.
std::unique_ptr<Backend> make_cuda_backend(const std::string& selector, Precision precision);

}  // namespace trine
