// Which devices there are, found at run time, and how a user names them.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "backends/backend.h"
#include "backends/precision.h"

namespace trine {

struct DeviceOptions {
  int threads = 0;                       // of the cpu backend; 0: as many as the machine has
  Precision precision = Precision::f32;  // tf32: of CUDA devices only
};

// What one kind of backend offers on this machine.
struct BackendListing {
  std::string kind;                 // "cpu", "vulkan", ...
  std::vector<DeviceInfo> devices;  // empty: none
  std::string reason;               // why there is none, and what would change that
  // A sentence on each device that is there beside them and cannot be used.
  std::vector<std::string> unusable = {};
};

// Every kind of backend that this build knows, with its devices or the reason for their absence.
std::vector<BackendListing> list_devices();

// "cpu", and "cuda" and "vulkan" as far as this build has them.
std::vector<std::string> backends_built_in();

// Opens a device: "auto" (the best GPU, else the processor), "gpu" (the best GPU), a kind ("cpu",
// "reference"), or a kind with an index or a part of a name
// ("vulkan:1", "vulkan:radeon"). An empty name takes TRINE_DEVICE, else "auto". Error, naming what
// there is, when nothing fits, and for a precision that the device does not have.
std::unique_ptr<Backend> open_device(std::string_view name, const DeviceOptions& options = {});

}  // namespace trine
