// Copies between the host and memory that it cannot reach, through a ring of mapped segments: the
// host fills or empties one while the device copies others.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <span>
#include <vector>

#include "backends/vulkan/memory.h"

namespace trine::vulkan {

class StagingRing {
 public:
  StagingRing(Device& device, int segments, std::int64_t segment_bytes);

  // Both return when all is copied, and begin when all that was submitted before has been done.
  void upload(const Memory& to, std::int64_t first_byte, std::span<const std::byte> data);
  void download(const Memory& from, std::int64_t first_byte, std::span<std::byte> data);

 private:
  struct Segment {
    std::int64_t at = 0;  // its first byte in memory_
    VkCommandBuffer commands = VK_NULL_HANDLE;
    Owned<VkFence> fence;
    bool in_flight = false;
    std::span<std::byte> result;  // where the host wants what the device copies here
  };

  std::size_t piece_of(std::size_t bytes) const;
  Segment& take_next();
  void submit(Segment& segment, const std::function<void(VkCommandBuffer)>& record);
  void copy_out(const Memory& from, std::int64_t first_byte, std::span<std::byte> data);
  void finish(Segment& segment);
  void finish_all();

  Device& device_;
  std::int64_t segment_bytes_;
  Memory memory_;
  Owned<VkCommandPool> pool_;
  std::vector<Segment> segments_;
  std::size_t next_ = 0;
  std::mutex mutex_;
};

}  // namespace trine::vulkan
