// Buffers with memory of their own.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "backends/vulkan/device.h"

namespace trine::vulkan {

// Takes its bytes off the count of their heap.
struct ReleaseBytes {
  std::int64_t bytes = 0;
  void operator()(std::atomic<std::int64_t>* held) const { *held -= bytes; }
};
using HeldBytes = std::unique_ptr<std::atomic<std::int64_t>, ReleaseBytes>;

// A buffer that any kernel and any copy may use.
class Memory {
 public:
  Memory() = default;
  // OutOfMemory, with how much was wanted and how much there is, when it does not fit. `what` names
  // it.
  Memory(Device& device, std::int64_t bytes, Home home, const char* what);

  VkBuffer buffer() const { return buffer_.get(); }
  std::int64_t bytes() const { return bytes_; }
  // Null where the host cannot reach it.
  std::byte* mapped() const { return mapped_; }

 private:
  HeldBytes held_;
  Owned<VkDeviceMemory> memory_;
  Owned<VkBuffer> buffer_;
  std::int64_t bytes_ = 0;
  std::byte* mapped_ = nullptr;
};

}  // namespace trine::vulkan
