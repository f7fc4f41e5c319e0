// The Vulkan loader, the instance and the devices that it shows.
//
// TRINE_VULKAN_VALIDATION=1 turns on the validation layer with synchronization validation, =gpu
// adds GPU-assisted validation; every warning is then an Error at the next compile() or run().
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "backends/vulkan/api.h"

namespace trine::vulkan {

struct PhysicalDevice {
  VkPhysicalDevice handle = VK_NULL_HANDLE;
  VkPhysicalDeviceProperties properties{};
  VkPhysicalDeviceFeatures features{};
  VkPhysicalDeviceDriverProperties driver{};
  VkPhysicalDeviceIDProperties id{};
  VkPhysicalDeviceSubgroupProperties subgroup{};
  VkPhysicalDeviceMaintenance3Properties memory_limits{};
  VkPhysicalDeviceMemoryProperties memory{};

  bool is_cpu() const { return properties.deviceType == VK_PHYSICAL_DEVICE_TYPE_CPU; }
};

class Instance {
 public:
  // The one instance of the process. It is made at the first call and never destroyed: drivers do
  // not like to be unloaded while the process ends. Error that says what is missing when there is
  // no loader, no driver or no validation layer that was asked for.
  static Instance& get();

  const InstanceApi& api() const { return api_; }
  // Those that can be used, and a sentence on each other (requirements.h).
  const std::vector<PhysicalDevice>& devices() const { return devices_; }
  const std::vector<std::string>& unusable() const { return unusable_; }

  // Throws Error with what the validation layer said since the last call, if it said anything.
  void throw_complaints();

 private:
  Instance();
  void create(PFN_vkGetInstanceProcAddr find);
  void list_devices();
  static VkBool32 VKAPI_PTR complain(VkDebugUtilsMessageSeverityFlagBitsEXT,
                                     VkDebugUtilsMessageTypeFlagsEXT,
                                     const VkDebugUtilsMessengerCallbackDataEXT* data, void* self);

  VkInstance instance_ = VK_NULL_HANDLE;
  InstanceApi api_;
  std::vector<PhysicalDevice> devices_;
  std::vector<std::string> unusable_;
  std::mutex mutex_;
  std::vector<std::string> complaints_;
};

// The device that a selector names: empty for the best (discrete before integrated before virtual
// before CPU), an index, or a part of a name in any case. Error that lists the devices, and says
// why others are `unusable`, when none fits.
std::size_t choose_device(const std::vector<PhysicalDevice>& devices, std::string_view selector,
                          const std::vector<std::string>& unusable = {});

// "discrete gpu", "integrated gpu", "virtual gpu", "software", "other".
const char* type_name(const PhysicalDevice& device);

}  // namespace trine::vulkan
