#include "backends/vulkan/instance.h"

#include <dlfcn.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdlib>
#include <cstring>

#include <fmt/ranges.h>

#include "backends/vulkan/requirements.h"
#include "engine/error.h"

namespace trine::vulkan {
namespace {

constexpr const char* kValidationLayer = "VK_LAYER_KHRONOS_validation";

PFN_vkGetInstanceProcAddr open_loader() {
  for (const char* name : {"libvulkan.so.1", "libvulkan.so"})
    if (void* library = dlopen(name, RTLD_NOW | RTLD_LOCAL))
      return reinterpret_cast<PFN_vkGetInstanceProcAddr>(dlsym(library, "vkGetInstanceProcAddr"));
  fail(
      "vulkan: there is no Vulkan loader on this machine (libvulkan.so.1); install it (package "
      "libvulkan1) and the driver of the graphics card");
}

template <class Function>
Function global(PFN_vkGetInstanceProcAddr find, const char* name) {
  return reinterpret_cast<Function>(find(nullptr, name));
}

// What TRINE_VULKAN_VALIDATION asks for.
struct Validation {
  bool enabled = false;
  std::vector<VkValidationFeatureEnableEXT> features;

  Validation() {
    const char* text = std::getenv("TRINE_VULKAN_VALIDATION");
    const std::string_view wanted = text ? text : "";
    enabled = !wanted.empty() && wanted != "0";
    if (!enabled) return;
    features = {VK_VALIDATION_FEATURE_ENABLE_SYNCHRONIZATION_VALIDATION_EXT};
    if (wanted != "gpu") return;
    features.push_back(VK_VALIDATION_FEATURE_ENABLE_GPU_ASSISTED_EXT);
    features.push_back(VK_VALIDATION_FEATURE_ENABLE_GPU_ASSISTED_RESERVE_BINDING_SLOT_EXT);
  }
};

void require_validation_layer(PFN_vkGetInstanceProcAddr find) {
  const auto enumerate =
      global<PFN_vkEnumerateInstanceLayerProperties>(find, "vkEnumerateInstanceLayerProperties");
  std::uint32_t n = 0;
  check(enumerate(&n, nullptr), "listing layers");
  std::vector<VkLayerProperties> layers(n);
  check(enumerate(&n, layers.data()), "listing layers");
  for (const VkLayerProperties& layer : layers)
    if (std::strcmp(layer.layerName, kValidationLayer) == 0) return;
  fail(
      "vulkan: TRINE_VULKAN_VALIDATION asks for the validation layer, which is not installed; "
      "install "
      "the package vulkan-validationlayers or unset the variable");
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

int preference(const PhysicalDevice& device) {
  switch (device.properties.deviceType) {
    case VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU:
      return 0;
    case VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU:
      return 1;
    case VK_PHYSICAL_DEVICE_TYPE_VIRTUAL_GPU:
      return 2;
    case VK_PHYSICAL_DEVICE_TYPE_CPU:
      return 4;
    default:
      return 3;
  }
}

PhysicalDevice describe(const InstanceApi& api, VkPhysicalDevice handle) {
  PhysicalDevice device{.handle = handle};
  api.vkGetPhysicalDeviceProperties(handle, &device.properties);
  // An older device need not know the queries below, and is only to be named.
  if (device.properties.apiVersion < VK_API_VERSION_1_2) return device;
  device.driver.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_DRIVER_PROPERTIES;
  device.id = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_ID_PROPERTIES, .pNext = &device.driver};
  device.subgroup = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_PROPERTIES,
                     .pNext = &device.id};
  device.memory_limits = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MAINTENANCE_3_PROPERTIES,
                          .pNext = &device.subgroup};
  VkPhysicalDeviceProperties2 properties{.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2,
                                         .pNext = &device.memory_limits};
  api.vkGetPhysicalDeviceProperties2(handle, &properties);
  api.vkGetPhysicalDeviceFeatures(handle, &device.features);
  api.vkGetPhysicalDeviceMemoryProperties(handle, &device.memory);
  return device;
}

}  // namespace

Instance& Instance::get() {
  static Instance* const instance = new Instance;
  return *instance;
}

Instance::Instance() {
  create(open_loader());
  list_devices();
  if (!devices_.empty()) return;
  if (!unusable_.empty()) fail("{}", fmt::join(unusable_, "; "));
  fail(
      "vulkan: the loader shows no device; install the driver of the graphics card, or "
      "mesa-vulkan-drivers for one that runs on the processor");
}

void Instance::create(PFN_vkGetInstanceProcAddr find) {
  const Validation validation;
  if (validation.enabled) require_validation_layer(find);

  VkApplicationInfo application{.sType = VK_STRUCTURE_TYPE_APPLICATION_INFO,
                                .pApplicationName = "trine",
                                .apiVersion = VK_API_VERSION_1_2};
  VkValidationFeaturesEXT features{
      .sType = VK_STRUCTURE_TYPE_VALIDATION_FEATURES_EXT,
      .enabledValidationFeatureCount = static_cast<std::uint32_t>(validation.features.size()),
      .pEnabledValidationFeatures = validation.features.data()};
  VkDebugUtilsMessengerCreateInfoEXT messenger{
      .sType = VK_STRUCTURE_TYPE_DEBUG_UTILS_MESSENGER_CREATE_INFO_EXT,
      .pNext = &features,
      .messageSeverity = VK_DEBUG_UTILS_MESSAGE_SEVERITY_WARNING_BIT_EXT |
                         VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT,
      .messageType = VK_DEBUG_UTILS_MESSAGE_TYPE_VALIDATION_BIT_EXT,
      .pfnUserCallback = complain,
      .pUserData = this};
  const char* extension = VK_EXT_DEBUG_UTILS_EXTENSION_NAME;
  VkInstanceCreateInfo info{.sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO,
                            .pApplicationInfo = &application};
  if (validation.enabled) {
    info.pNext = &messenger;
    info.enabledLayerCount = 1;
    info.ppEnabledLayerNames = &kValidationLayer;
    info.enabledExtensionCount = 1;
    info.ppEnabledExtensionNames = &extension;
  }
  check(global<PFN_vkCreateInstance>(find, "vkCreateInstance")(&info, nullptr, &instance_),
        "creating a Vulkan instance");
  api_.load(find, instance_);
  if (!validation.enabled) return;
  // The one in the chain above hears only the creation of the instance.
  const auto create_messenger = reinterpret_cast<PFN_vkCreateDebugUtilsMessengerEXT>(
      find(instance_, "vkCreateDebugUtilsMessengerEXT"));
  messenger.pNext = nullptr;
  VkDebugUtilsMessengerEXT lasting;
  check(create_messenger(instance_, &messenger, nullptr, &lasting), "listening to validation");
}

void Instance::list_devices() {
  std::uint32_t n = 0;
  check(api_.vkEnumeratePhysicalDevices(instance_, &n, nullptr), "listing devices");
  std::vector<VkPhysicalDevice> handles(n);
  check(api_.vkEnumeratePhysicalDevices(instance_, &n, handles.data()), "listing devices");
  std::vector<PhysicalDevice> all;
  for (VkPhysicalDevice handle : handles) all.push_back(describe(api_, handle));
  devices_ = usable(all, unusable_);
}

VkBool32 VKAPI_PTR Instance::complain(VkDebugUtilsMessageSeverityFlagBitsEXT,
                                      VkDebugUtilsMessageTypeFlagsEXT,
                                      const VkDebugUtilsMessengerCallbackDataEXT* data,
                                      void* self) {
  auto* instance = static_cast<Instance*>(self);
  const std::lock_guard lock(instance->mutex_);
  instance->complaints_.emplace_back(data->pMessage);
  return VK_FALSE;
}

void Instance::throw_complaints() {
  std::vector<std::string> said;
  {
    const std::lock_guard lock(mutex_);
    said.swap(complaints_);
  }
  if (said.empty()) return;
  fail("vulkan: the validation layer complains {} times, first: {}", said.size(), said.front());
}

std::size_t choose_device(const std::vector<PhysicalDevice>& devices, std::string_view selector,
                          const std::vector<std::string>& unusable) {
  if (selector.empty()) {
    const auto best = std::min_element(
        devices.begin(), devices.end(),
        [](const auto& a, const auto& b) { return preference(a) < preference(b); });
    return static_cast<std::size_t>(best - devices.begin());
  }
  std::size_t index = 0;
  const auto [end, error] =
      std::from_chars(selector.data(), selector.data() + selector.size(), index);
  const bool is_index = error == std::errc{} && end == selector.data() + selector.size();
  if (is_index && index < devices.size()) return index;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < devices.size(); ++i) {
    const char* name = devices[i].properties.deviceName;
    if (!is_index && lower(name).find(lower(selector)) != std::string::npos) return i;
    names.push_back(fmt::format("vulkan:{} is {}", i, name));
  }
  std::string others;
  for (const std::string& why : unusable) others += "; " + why;
  fail("vulkan: no device is called '{}'; {}{}", selector, fmt::join(names, ", "), others);
}

const char* type_name(const PhysicalDevice& device) {
  switch (device.properties.deviceType) {
    case VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU:
      return "discrete gpu";
    case VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU:
      return "integrated gpu";
    case VK_PHYSICAL_DEVICE_TYPE_VIRTUAL_GPU:
      return "virtual gpu";
    case VK_PHYSICAL_DEVICE_TYPE_CPU:
      return "software";
    default:
      return "other";
  }
}

}  // namespace trine::vulkan
