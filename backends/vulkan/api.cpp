#include "backends/vulkan/api.h"

#include "engine/error.h"

namespace trine::vulkan {

void InstanceApi::load(PFN_vkGetInstanceProcAddr find, VkInstance instance) {
#define TRINE_VULKAN_LOAD(name) name = reinterpret_cast<PFN_##name>(find(instance, #name));
  TRINE_VULKAN_INSTANCE_FUNCTIONS(TRINE_VULKAN_LOAD)
#undef TRINE_VULKAN_LOAD
}

void DeviceApi::load(PFN_vkGetDeviceProcAddr find, VkDevice device) {
#define TRINE_VULKAN_LOAD(name) name = reinterpret_cast<PFN_##name>(find(device, #name));
  TRINE_VULKAN_DEVICE_FUNCTIONS(TRINE_VULKAN_LOAD)
#undef TRINE_VULKAN_LOAD
}

const char* describe(VkResult result) {
  switch (result) {
    case VK_ERROR_OUT_OF_HOST_MEMORY:
      return "out of the machine's memory";
    case VK_ERROR_OUT_OF_DEVICE_MEMORY:
      return "out of device memory";
    case VK_ERROR_INITIALIZATION_FAILED:
      return "the driver could not start";
    case VK_ERROR_DEVICE_LOST:
      return "the device was lost";
    case VK_ERROR_INCOMPATIBLE_DRIVER:
      return "no driver supports this version of Vulkan";
    case VK_ERROR_LAYER_NOT_PRESENT:
      return "a layer is not installed";
    case VK_ERROR_EXTENSION_NOT_PRESENT:
      return "an extension is missing";
    case VK_ERROR_FEATURE_NOT_PRESENT:
      return "a feature is missing";
    case VK_ERROR_TOO_MANY_OBJECTS:
      return "too many objects";
    case VK_TIMEOUT:
      return "it took too long";
    default:
      return "the driver reported an unexpected error";
  }
}

void check(VkResult result, const char* what) {
  if (result == VK_SUCCESS) return;
  fail("vulkan: {} failed: {} (VkResult {})", what, describe(result), static_cast<int>(result));
}

}  // namespace trine::vulkan
