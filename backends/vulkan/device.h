// A logical device with its one compute queue, memory and command buffers.
#pragma once

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

class Device;

// A buffer with memory of its own. Any kernel and any copy may use it.
class Memory {
 public:
  Memory() = default;
  // Error that says how much was wanted and how much there is when it does not fit. `what` names
  // it.
  Memory(Device& device, std::int64_t bytes, Home home, const char* what);

  VkBuffer buffer() const { return buffer_.get(); }
  std::int64_t bytes() const { return bytes_; }
  // Null where the host cannot reach it.
  std::byte* mapped() const { return mapped_; }

 private:
  Owned<VkDeviceMemory> memory_;
  Owned<VkBuffer> buffer_;
  std::int64_t bytes_ = 0;
  std::byte* mapped_ = nullptr;
};

class Device {
 public:
  explicit Device(const PhysicalDevice& physical);

  const DeviceApi& api() const { return api_; }
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

  // Enqueues; `fence` signals when it is done.
  void submit(VkCommandBuffer commands, VkFence fence);
  // Waits for all and resets them; false when the device was lost, and then leaves them as they
  // are.
  bool wait(std::span<const VkFence> fences);
  bool is_done(VkFence fence) const;

  // Records commands, runs them and waits.
  void run_once(const std::function<void(VkCommandBuffer)>& record);

  // Copies between the host and a buffer, through staging memory where it is not mapped.
  void upload(const Memory& to, std::int64_t offset, std::span<const std::byte> data);
  void download(const Memory& from, std::int64_t offset, std::span<std::byte> data);

  // The index of a memory type among `allowed` that suits best, and whether the host can map it.
  struct MemoryChoice {
    std::uint32_t type;
    bool mapped;
  };
  MemoryChoice choose_memory(std::uint32_t allowed, Home home) const;

 private:
  void create(std::uint32_t family);
  std::uint32_t choose_family();
  Memory& staging();

  PhysicalDevice physical_;
  std::unique_ptr<std::remove_pointer_t<VkDevice>, DestroyDevice> device_;
  DeviceApi api_;
  VkQueue queue_ = VK_NULL_HANDLE;
  std::uint32_t family_ = 0;
  std::uint32_t timestamp_bits_ = 0;
  bool unified_ = false;
  std::mutex queue_mutex_, once_mutex_;
  Owned<VkCommandPool> once_pool_;
  VkCommandBuffer once_ = VK_NULL_HANDLE;
  Owned<VkFence> once_fence_;
  std::unique_ptr<Memory> staging_;
};

// One barrier over all memory.
void barrier(const DeviceApi& api, VkCommandBuffer commands, VkPipelineStageFlags from_stage,
             VkAccessFlags from_access, VkPipelineStageFlags to_stage, VkAccessFlags to_access);

// Whether TRINE_VULKAN_FORCE_STAGING asks for staging where memory is shared.
bool staging_forced();

void begin_commands(const DeviceApi& api, VkCommandBuffer commands,
                    VkCommandBufferUsageFlags usage);

}  // namespace trine::vulkan
