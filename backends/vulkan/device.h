// A logical device with its one compute queue, memory and command buffers.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>

#include "backends/vulkan/handles.h"
#include "backends/vulkan/instance.h"

namespace trine::vulkan {

// Where a buffer should live.
enum class Home {
  device,    // fast for kernels; mapped only where the device shares the processor's memory
  upload,    // mapped, written by the host
  download,  // mapped and cached, read by the host
};

struct DestroyDevice {
  PFN_vkDestroyDevice destroy = nullptr;
  void operator()(VkDevice device) const { destroy(device, nullptr); }
};

class Memory;
class StagingRing;

class Device {
 public:
  // Error, as why_unusable() says it, where the device lacks what kernels need.
  explicit Device(const PhysicalDevice& physical);
  ~Device();

  const DeviceApi& api() const { return api_; }
  // For tests that count calls or let one fail: whatever is put here is called instead.
  DeviceApi& replaceable_api() { return api_; }
  VkDevice handle() const { return device_.get(); }
  const PhysicalDevice& physical() const { return physical_; }
  const VkPhysicalDeviceLimits& limits() const { return physical_.properties.limits; }

  // Whether kernels and the host share all memory, so that nothing need be staged.
  // TRINE_VULKAN_FORCE_STAGING=1 denies it.
  bool unified() const { return unified_; }
  // Zero where the queue has no timestamps.
  std::uint32_t timestamp_bits() const { return timestamp_bits_; }

  Owned<VkCommandPool> make_command_pool() const;
  VkCommandBuffer make_command_buffer(VkCommandPool pool) const;
  Owned<VkFence> make_fence() const;

  // Enqueues; `fence` signals when it is done. False when the device was lost.
  bool submit(VkCommandBuffer commands, VkFence fence);
  // Waits for all and resets them; false when the device was lost, and then leaves them as they
  // are.
  bool wait(std::span<const VkFence> fences);
  bool is_done(VkFence fence) const;

  // Records commands, runs them and waits.
  void run_once(const std::function<void(VkCommandBuffer)>& record);

  // Copies between the host and a buffer, through a staging ring where it is not mapped.
  void upload(const Memory& to, std::int64_t first_byte, std::span<const std::byte> data);
  void download(const Memory& from, std::int64_t first_byte, std::span<std::byte> data);

  // The index of a memory type among `allowed` that suits best, and whether the host can map it.
  struct MemoryChoice {
    std::uint32_t type;
    bool mapped;
  };
  MemoryChoice choose_memory(std::uint32_t allowed, Home home) const;
  // Bytes of a heap that buffers hold now.
  std::atomic<std::int64_t>& held_bytes(std::uint32_t heap) { return held_bytes_[heap]; }

 private:
  void create(std::uint32_t family);
  std::uint32_t choose_family();
  StagingRing& staging();

  PhysicalDevice physical_;
  std::unique_ptr<std::remove_pointer_t<VkDevice>, DestroyDevice> device_;
  DeviceApi api_;
  VkQueue queue_ = VK_NULL_HANDLE;
  std::uint32_t family_ = 0;
  std::uint32_t timestamp_bits_ = 0;
  bool unified_ = false;
  std::array<std::atomic<std::int64_t>, VK_MAX_MEMORY_HEAPS> held_bytes_{};
  std::mutex queue_mutex_, once_mutex_;
  Owned<VkCommandPool> once_pool_;
  VkCommandBuffer once_ = VK_NULL_HANDLE;
  Owned<VkFence> once_fence_;
  std::once_flag staging_made_;
  std::unique_ptr<StagingRing> staging_;  // made at the first use
};

// One barrier over all memory.
void barrier(const DeviceApi& api, VkCommandBuffer commands, VkPipelineStageFlags from_stage,
             VkAccessFlags from_access, VkPipelineStageFlags to_stage, VkAccessFlags to_access);

// Whether TRINE_VULKAN_FORCE_STAGING asks for staging where memory is shared.
bool staging_forced();

void begin_commands(const DeviceApi& api, VkCommandBuffer commands,
                    VkCommandBufferUsageFlags usage);

}  // namespace trine::vulkan
