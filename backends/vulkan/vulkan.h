// The Vulkan backend: any device with Vulkan 1.2, no vendor extension needed.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "backends/backend.h"

namespace trine {

// Every device that can be used. Error that says what is missing where there is none.
std::vector<DeviceInfo> vulkan_devices();
// A sentence on each device beside them that lacks what the kernels need.
std::vector<std::string> unusable_vulkan_devices();

// `selector` is empty (the best device), an index or a part of a name; see choose_device().
std::unique_ptr<Backend> make_vulkan_backend(const std::string& selector);

}  // namespace trine
