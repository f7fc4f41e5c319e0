// A device with its pipelines, and the backend over it.
#pragma once

#include <cstddef>
#include <memory>

#include "backends/backend.h"
#include "backends/vulkan/pipelines.h"

namespace trine::vulkan {

struct OpenDevice {
  explicit OpenDevice(const PhysicalDevice& physical) : device(physical), pipelines(device) {}
  Device device;
  Pipelines pipelines;
};

// `index` is the device's among those of the instance: its name is vulkan:INDEX. `open` must
// outlive the backend, its buffers and its programs.
std::unique_ptr<Backend> make_backend(std::size_t index, OpenDevice& open);

}  // namespace trine::vulkan
