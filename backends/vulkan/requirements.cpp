#include "backends/vulkan/requirements.h"

#include <fmt/format.h>

#include "backends/vulkan/pipelines.h"

namespace trine::vulkan {
namespace {

// The table and the run parameters, then the operands.
constexpr std::uint64_t kBuffers = 2 + kSources + kTargets;

struct Requirement {
  std::string_view what;
  std::uint64_t has, needs;
};

// Limits of which Vulkan promises less than the kernels take, and those of which they take all that
// it promises.
std::vector<Requirement> requirements(const VkPhysicalDeviceLimits& limits) {
  return {
      {"storage buffers in a kernel (maxPerStageDescriptorStorageBuffers)",
       limits.maxPerStageDescriptorStorageBuffers, kBuffers},
      {"storage buffers in a set (maxDescriptorSetStorageBuffers)",
       limits.maxDescriptorSetStorageBuffers, kBuffers},
      {"invocations in a work group (maxComputeWorkGroupInvocations)",
       limits.maxComputeWorkGroupInvocations, 256},
      {"invocations of a work group in a row (maxComputeWorkGroupSize[0])",
       limits.maxComputeWorkGroupSize[0], 256},
      {"bytes of shared memory (maxComputeSharedMemorySize)", limits.maxComputeSharedMemorySize,
       16384},
      {"bytes in the range of a buffer (maxStorageBufferRange)", limits.maxStorageBufferRange,
       1u << 27},
  };
}

}  // namespace

std::string version_text(std::uint32_t version) {
  return fmt::format("{}.{}.{}", VK_API_VERSION_MAJOR(version), VK_API_VERSION_MINOR(version),
                     VK_API_VERSION_PATCH(version));
}

std::string why_unusable(const PhysicalDevice& device) {
  constexpr std::string_view kRemedy = "update its driver, or choose another device";
  const char* const name = device.properties.deviceName;
  if (device.properties.apiVersion < VK_API_VERSION_1_2)
    return fmt::format("vulkan: {} has Vulkan {}, and 1.2 is needed; {}", name,
                       version_text(device.properties.apiVersion), kRemedy);
  for (const Requirement& requirement : requirements(device.properties.limits))
    if (requirement.has < requirement.needs)
      return fmt::format("vulkan: {} has {} {}, and {} are needed; {}", name, requirement.has,
                         requirement.what, requirement.needs, kRemedy);
  if (!device.features.shaderStorageBufferArrayDynamicIndexing)
    return fmt::format(
        "vulkan: {} cannot choose among buffers in a kernel "
        "(shaderStorageBufferArrayDynamicIndexing), which is needed; {}",
        name, kRemedy);
  return "";
}

std::vector<PhysicalDevice> usable(const std::vector<PhysicalDevice>& devices,
                                   std::vector<std::string>& unusable) {
  std::vector<PhysicalDevice> usable;
  for (const PhysicalDevice& device : devices) {
    const std::string why = why_unusable(device);
    if (why.empty())
      usable.push_back(device);
    else
      unusable.push_back(why);
  }
  return usable;
}

}  // namespace trine::vulkan
