#include "backends/vulkan/staging.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace trine::vulkan {
namespace {

constexpr VkPipelineStageFlags kWork =
    VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT | VK_PIPELINE_STAGE_TRANSFER_BIT;
constexpr VkAccessFlags kWrites = VK_ACCESS_SHADER_WRITE_BIT | VK_ACCESS_TRANSFER_WRITE_BIT;
constexpr VkAccessFlags kReads = VK_ACCESS_SHADER_READ_BIT | VK_ACCESS_TRANSFER_READ_BIT;

}  // namespace

StagingRing::StagingRing(Device& device, int segments, std::int64_t segment_bytes)
    : device_(device),
      segment_bytes_(segment_bytes),
      memory_(device, segments * segment_bytes, Home::download, "staging memory"),
      pool_(device.make_command_pool()) {
  for (int k = 0; k < segments; ++k)
    segments_.push_back({.at = k * segment_bytes,
                         .commands = device.make_command_buffer(pool_.get()),
                         .fence = device.make_fence()});
}

std::size_t StagingRing::piece_of(std::size_t bytes) const {
  return std::min(bytes, static_cast<std::size_t>(segment_bytes_));
}

void StagingRing::upload(const Memory& to, std::int64_t first_byte,
                         std::span<const std::byte> data) {
  const std::lock_guard lock(mutex_);
  while (!data.empty()) {
    const std::size_t n = piece_of(data.size());
    Segment& segment = take_next();
    std::memcpy(memory_.mapped() + segment.at, data.data(), n);
    submit(segment, [&](VkCommandBuffer commands) {
      const VkBufferCopy region{static_cast<VkDeviceSize>(segment.at),
                                static_cast<VkDeviceSize>(first_byte), n};
      device_.api().vkCmdCopyBuffer(commands, memory_.buffer(), to.buffer(), 1, &region);
      barrier(device_.api(), commands, VK_PIPELINE_STAGE_TRANSFER_BIT, VK_ACCESS_TRANSFER_WRITE_BIT,
              kWork, kReads | kWrites);
    });
    data = data.subspan(n);
    first_byte += static_cast<std::int64_t>(n);
  }
  finish_all();
}

void StagingRing::download(const Memory& from, std::int64_t first_byte, std::span<std::byte> data) {
  const std::lock_guard lock(mutex_);
  try {
    copy_out(from, first_byte, data);
  } catch (...) {
    // The caller's memory goes; what is still in flight must not be written there later.
    for (Segment& segment : segments_) segment.result = {};
    throw;
  }
}

void StagingRing::copy_out(const Memory& from, std::int64_t first_byte, std::span<std::byte> data) {
  while (!data.empty()) {
    const std::size_t n = piece_of(data.size());
    Segment& segment = take_next();
    segment.result = data.first(n);
    submit(segment, [&](VkCommandBuffer commands) {
      barrier(device_.api(), commands, kWork, kWrites, VK_PIPELINE_STAGE_TRANSFER_BIT,
              VK_ACCESS_TRANSFER_READ_BIT);
      const VkBufferCopy region{static_cast<VkDeviceSize>(first_byte),
                                static_cast<VkDeviceSize>(segment.at), n};
      device_.api().vkCmdCopyBuffer(commands, from.buffer(), memory_.buffer(), 1, &region);
      barrier(device_.api(), commands, VK_PIPELINE_STAGE_TRANSFER_BIT, VK_ACCESS_TRANSFER_WRITE_BIT,
              VK_PIPELINE_STAGE_HOST_BIT, VK_ACCESS_HOST_READ_BIT);
    });
    data = data.subspan(n);
    first_byte += static_cast<std::int64_t>(n);
  }
  finish_all();
}

// The segment that has waited longest, free to be filled.
StagingRing::Segment& StagingRing::take_next() {
  Segment& segment = segments_[next_];
  next_ = (next_ + 1) % segments_.size();
  finish(segment);
  return segment;
}

void StagingRing::submit(Segment& segment, const std::function<void(VkCommandBuffer)>& record) {
  const DeviceApi& api = device_.api();
  check(api.vkResetCommandBuffer(segment.commands, 0), "resetting a command buffer");
  begin_commands(api, segment.commands, VK_COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT);
  record(segment.commands);
  check(api.vkEndCommandBuffer(segment.commands), "recording");
  if (!device_.submit(segment.commands, segment.fence.get()))
    check(VK_ERROR_DEVICE_LOST, "a transfer");
  segment.in_flight = true;
}

void StagingRing::finish(Segment& segment) {
  if (!std::exchange(segment.in_flight, false)) return;
  const VkFence fence = segment.fence.get();
  const std::span<std::byte> result = std::exchange(segment.result, {});
  if (!device_.wait({&fence, 1})) check(VK_ERROR_DEVICE_LOST, "a transfer");
  if (!result.empty()) std::memcpy(result.data(), memory_.mapped() + segment.at, result.size());
}

void StagingRing::finish_all() {
  for (std::size_t k = 0; k < segments_.size(); ++k) take_next();
}

}  // namespace trine::vulkan
