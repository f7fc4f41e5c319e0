#include "backends/vulkan/device.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "backends/vulkan/requirements.h"
#include "backends/vulkan/staging.h"
#include "engine/error.h"

namespace trine::vulkan {
namespace {

// One segment fills while others are copied; larger ones gain nothing.
constexpr int kStagingSegments = 4;
constexpr std::int64_t kStagingSegmentBytes = 4 << 20;
// A run that takes longer than this is taken for a hang.
constexpr std::uint64_t kPatienceNanoseconds = 600'000'000'000;

}  // namespace

bool staging_forced() {
  const char* text = std::getenv("TRINE_VULKAN_FORCE_STAGING");
  return text && *text && std::string_view(text) != "0";
}

// ---- the device ----

Device::Device(const PhysicalDevice& physical) : physical_(physical) {
  if (const std::string why = why_unusable(physical); !why.empty()) fail("{}", why);
  const VkPhysicalDeviceType type = physical.properties.deviceType;
  const bool shares = type == VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU || physical.is_cpu();
  unified_ = shares && !staging_forced();
  family_ = choose_family();
  create(family_);
  once_pool_ = make_command_pool();
  once_ = make_command_buffer(once_pool_.get());
  once_fence_ = make_fence();
}

Device::~Device() = default;

Device::MemoryChoice Device::choose_memory(std::uint32_t allowed, Home home) const {
  constexpr VkMemoryPropertyFlags kMappable =
      VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT;
  const VkMemoryPropertyFlags wished[][2] = {
      {VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT | (unified_ ? kMappable : 0u), 0},
      {kMappable, kMappable},
      {kMappable | VK_MEMORY_PROPERTY_HOST_CACHED_BIT, kMappable}};
  // The first type with all that is wished for, else the first with what must be.
  for (VkMemoryPropertyFlags flags : wished[static_cast<int>(home)])
    for (std::uint32_t t = 0; t < physical_.memory.memoryTypeCount; ++t) {
      const VkMemoryPropertyFlags has = physical_.memory.memoryTypes[t].propertyFlags;
      if ((allowed >> t & 1u) == 0 || (has & flags) != flags) continue;
      const bool mapped = (has & kMappable) == kMappable && (home != Home::device || unified_);
      return {t, mapped};
    }
  fail("vulkan: {} has no memory that suits; its driver is at fault",
       physical_.properties.deviceName);
}

std::uint32_t Device::choose_family() {
  const InstanceApi& api = Instance::get().api();
  std::uint32_t n = 0;
  api.vkGetPhysicalDeviceQueueFamilyProperties(physical_.handle, &n, nullptr);
  std::vector<VkQueueFamilyProperties> families(n);
  api.vkGetPhysicalDeviceQueueFamilyProperties(physical_.handle, &n, families.data());
  // Families are listed with the most capable first, which is also the one drivers tune for.
  for (std::uint32_t f = 0; f < n; ++f)
    if (families[f].queueFlags & VK_QUEUE_COMPUTE_BIT) {
      timestamp_bits_ = families[f].timestampValidBits;
      return f;
    }
  fail("vulkan: {} has no queue that computes", physical_.properties.deviceName);
}

void Device::create(std::uint32_t family) {
  const InstanceApi& instance = Instance::get().api();
  VkPhysicalDeviceFeatures features{};
  features.shaderStorageBufferArrayDynamicIndexing = VK_TRUE;
  const float priority = 1.0f;
  const VkDeviceQueueCreateInfo queue{.sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO,
                                      .queueFamilyIndex = family,
                                      .queueCount = 1,
                                      .pQueuePriorities = &priority};
  const VkDeviceCreateInfo info{.sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO,
                                .queueCreateInfoCount = 1,
                                .pQueueCreateInfos = &queue,
                                .pEnabledFeatures = &features};
  VkDevice device;
  check(instance.vkCreateDevice(physical_.handle, &info, nullptr, &device), "opening the device");
  api_.load(instance.vkGetDeviceProcAddr, device);
  api_.vkGetDeviceQueue(device, family, 0, &queue_);
  device_ = std::unique_ptr<std::remove_pointer_t<VkDevice>, DestroyDevice>(
      device, {reinterpret_cast<PFN_vkDestroyDevice>(
                  instance.vkGetDeviceProcAddr(device, "vkDestroyDevice"))});
}

Owned<VkCommandPool> Device::make_command_pool() const {
  const VkCommandPoolCreateInfo info{.sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO,
                                     .flags = VK_COMMAND_POOL_CREATE_RESET_COMMAND_BUFFER_BIT,
                                     .queueFamilyIndex = family_};
  VkCommandPool pool;
  check(api_.vkCreateCommandPool(handle(), &info, nullptr, &pool), "creating a command pool");
  return {handle(), pool, api_.vkDestroyCommandPool};
}

VkCommandBuffer Device::make_command_buffer(VkCommandPool pool) const {
  const VkCommandBufferAllocateInfo info{.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO,
                                         .commandPool = pool,
                                         .level = VK_COMMAND_BUFFER_LEVEL_PRIMARY,
                                         .commandBufferCount = 1};
  VkCommandBuffer commands;
  check(api_.vkAllocateCommandBuffers(handle(), &info, &commands), "allocating a command buffer");
  return commands;
}

Owned<VkFence> Device::make_fence() const {
  const VkFenceCreateInfo info{.sType = VK_STRUCTURE_TYPE_FENCE_CREATE_INFO};
  VkFence fence;
  check(api_.vkCreateFence(handle(), &info, nullptr, &fence), "creating a fence");
  return {handle(), fence, api_.vkDestroyFence};
}

bool Device::submit(VkCommandBuffer commands, VkFence fence) {
  const VkSubmitInfo info{.sType = VK_STRUCTURE_TYPE_SUBMIT_INFO,
                          .commandBufferCount = 1,
                          .pCommandBuffers = &commands};
  const std::lock_guard lock(queue_mutex_);
  const VkResult result = api_.vkQueueSubmit(queue_, 1, &info, fence);
  if (result == VK_ERROR_DEVICE_LOST) return false;
  check(result, "submitting work");
  return true;
}

bool Device::wait(std::span<const VkFence> fences) {
  const auto n = static_cast<std::uint32_t>(fences.size());
  const VkResult result =
      api_.vkWaitForFences(handle(), n, fences.data(), VK_TRUE, kPatienceNanoseconds);
  if (result == VK_ERROR_DEVICE_LOST) return false;
  check(result, "waiting for the device");
  check(api_.vkResetFences(handle(), n, fences.data()), "resetting fences");
  return true;
}

bool Device::is_done(VkFence fence) const {
  return api_.vkGetFenceStatus(handle(), fence) == VK_SUCCESS;
}

void Device::run_once(const std::function<void(VkCommandBuffer)>& record) {
  const std::lock_guard lock(once_mutex_);
  check(api_.vkResetCommandBuffer(once_, 0), "resetting a command buffer");
  begin_commands(api_, once_, VK_COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT);
  record(once_);
  check(api_.vkEndCommandBuffer(once_), "recording");
  const VkFence fence = once_fence_.get();
  if (!submit(once_, fence) || !wait({&fence, 1})) check(VK_ERROR_DEVICE_LOST, "a command");
}

// ---- transfers ----

StagingRing& Device::staging() {
  std::call_once(staging_made_, [&] {
    staging_ = std::make_unique<StagingRing>(*this, kStagingSegments, kStagingSegmentBytes);
  });
  return *staging_;
}

void Device::upload(const Memory& to, std::int64_t first_byte, std::span<const std::byte> data) {
  if (to.mapped())
    std::memcpy(to.mapped() + first_byte, data.data(), data.size());
  else
    staging().upload(to, first_byte, data);
}

void Device::download(const Memory& from, std::int64_t first_byte, std::span<std::byte> data) {
  if (from.mapped())
    std::memcpy(data.data(), from.mapped() + first_byte, data.size());
  else
    staging().download(from, first_byte, data);
}

void barrier(const DeviceApi& api, VkCommandBuffer commands, VkPipelineStageFlags from_stage,
             VkAccessFlags from_access, VkPipelineStageFlags to_stage, VkAccessFlags to_access) {
  const VkMemoryBarrier memory{.sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER,
                               .srcAccessMask = from_access,
                               .dstAccessMask = to_access};
  api.vkCmdPipelineBarrier(commands, from_stage, to_stage, 0, 1, &memory, 0, nullptr, 0, nullptr);
}

void begin_commands(const DeviceApi& api, VkCommandBuffer commands,
                    VkCommandBufferUsageFlags usage) {
  const VkCommandBufferBeginInfo info{.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO,
                                      .flags = usage};
  check(api.vkBeginCommandBuffer(commands, &info), "recording");
}

}  // namespace trine::vulkan
