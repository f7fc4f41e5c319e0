// The Vulkan functions that the backend calls, found at run time: the program links no Vulkan
// library and starts without one.
#pragma once

#define VK_NO_PROTOTYPES
#include <vulkan/vulkan.h>

namespace trine::vulkan {

#define TRINE_VULKAN_INSTANCE_FUNCTIONS(X) \
  X(vkCreateDevice)                        \
  X(vkEnumerateDeviceExtensionProperties)  \
  X(vkEnumeratePhysicalDevices)            \
  X(vkGetDeviceProcAddr)                   \
  X(vkGetPhysicalDeviceFeatures)           \
  X(vkGetPhysicalDeviceMemoryProperties)   \
  X(vkGetPhysicalDeviceProperties)         \
  X(vkGetPhysicalDeviceProperties2)        \
  X(vkGetPhysicalDeviceQueueFamilyProperties)

#define TRINE_VULKAN_DEVICE_FUNCTIONS(X) \
  X(vkAllocateCommandBuffers)            \
  X(vkAllocateDescriptorSets)            \
  X(vkAllocateMemory)                    \
  X(vkBeginCommandBuffer)                \
  X(vkBindBufferMemory)                  \
  X(vkCmdBindDescriptorSets)             \
  X(vkCmdBindPipeline)                   \
  X(vkCmdCopyBuffer)                     \
  X(vkCmdDispatch)                       \
  X(vkCmdFillBuffer)                     \
  X(vkCmdPipelineBarrier)                \
  X(vkCmdPushConstants)                  \
  X(vkCmdResetQueryPool)                 \
  X(vkCmdWriteTimestamp)                 \
  X(vkCreateBuffer)                      \
  X(vkCreateCommandPool)                 \
  X(vkCreateComputePipelines)            \
  X(vkCreateDescriptorPool)              \
  X(vkCreateDescriptorSetLayout)         \
  X(vkCreateFence)                       \
  X(vkCreatePipelineCache)               \
  X(vkCreatePipelineLayout)              \
  X(vkCreateQueryPool)                   \
  X(vkCreateShaderModule)                \
  X(vkDestroyBuffer)                     \
  X(vkDestroyCommandPool)                \
  X(vkDestroyDescriptorPool)             \
  X(vkDestroyDescriptorSetLayout)        \
  X(vkDestroyFence)                      \
  X(vkDestroyPipeline)                   \
  X(vkDestroyPipelineCache)              \
  X(vkDestroyPipelineLayout)             \
  X(vkDestroyQueryPool)                  \
  X(vkDestroyShaderModule)               \
  X(vkEndCommandBuffer)                  \
  X(vkFreeMemory)                        \
  X(vkGetBufferMemoryRequirements)       \
  X(vkGetDeviceQueue)                    \
  X(vkGetFenceStatus)                    \
  X(vkGetPipelineCacheData)              \
  X(vkGetQueryPoolResults)               \
  X(vkMapMemory)                         \
  X(vkQueueSubmit)                       \
  X(vkResetCommandBuffer)                \
  X(vkResetFences)                       \
  X(vkUpdateDescriptorSets)              \
  X(vkWaitForFences)

#define TRINE_VULKAN_MEMBER(name) PFN_##name name = nullptr;

struct InstanceApi {
  TRINE_VULKAN_INSTANCE_FUNCTIONS(TRINE_VULKAN_MEMBER)

  void load(PFN_vkGetInstanceProcAddr find, VkInstance instance);
};

struct DeviceApi {
  TRINE_VULKAN_DEVICE_FUNCTIONS(TRINE_VULKAN_MEMBER)

  void load(PFN_vkGetDeviceProcAddr find, VkDevice device);
};

#undef TRINE_VULKAN_MEMBER

// "out of device memory"; the constant's name for what is rare.
const char* describe(VkResult result);

// Throws Error "vulkan: WHAT failed: RESULT" unless the result is success.
void check(VkResult result, const char* what);

}  // namespace trine::vulkan
