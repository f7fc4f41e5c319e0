// What the kernels need of a device. Vulkan promises every device less than most of them have.
#pragma once

#include <string>
#include <vector>

#include "backends/vulkan/instance.h"

namespace trine::vulkan {

// Empty if every kernel can run on the device; otherwise a sentence that names it, the first thing
// that it lacks with what it has of it and what is needed, and what to do.
std::string why_unusable(const PhysicalDevice& device);

// "1.2.131".
std::string version_text(std::uint32_t version);

// `devices` that can be used, in their order; `unusable` gets the sentence of each other.
std::vector<PhysicalDevice> usable(const std::vector<PhysicalDevice>& devices,
                                   std::vector<std::string>& unusable);

}  // namespace trine::vulkan
