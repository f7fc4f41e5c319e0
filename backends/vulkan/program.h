// A plan made ready to replay on a Vulkan device.
#pragma once

#include <memory>
#include <vector>

#include "backends/backend.h"
#include "backends/vulkan/recording.h"

namespace trine::vulkan {

// Memory that outlives programs.
class StateBuffer final : public DeviceBuffer {
 public:
  StateBuffer(Device& device, std::int64_t bytes);
  std::int64_t bytes() const override { return memory_.bytes(); }
  void upload(std::int64_t first_byte, std::span<const std::byte> data) override;
  void download(std::int64_t first_byte, std::span<std::byte> data) const override;
  const Memory& memory() const { return memory_; }

 private:
  Device& device_;
  Memory memory_;
};

class VulkanProgram final : public Program {
 public:
  VulkanProgram(Device& device, Pipelines& pipelines, std::shared_ptr<const Plan> plan,
                const StateBinding& states, const CompileOptions& options);

  void write(const Feed& feed, std::span<const std::byte> data) override;
  void run(const RunParams& params) override;
  void read(const Fetch& fetch, std::span<std::byte> data) const override;
  std::vector<LaunchTime> profile(const RunParams& params) override;

 private:
  void bind(const StateBinding& states);
  void write_literals();
  void plan_fetches();
  void record_before();
  void record_after();
  void record_poison(VkCommandBuffer commands) const;
  void record_uploads(VkCommandBuffer commands);
  void set_params(const RunParams& params);
  bool submit_all();
  std::vector<VkFence> fence_handles() const;
  [[noreturn]] void fail_lost() const;
  void check_guards();
  std::size_t find_fetch(const Fetch& fetch) const;

  Device& device_;
  std::shared_ptr<const Plan> plan_;
  bool checked_;
  std::vector<Memory> owned_;         // by buffer of the plan; empty for states
  std::vector<BoundBuffer> buffers_;  // by buffer of the plan
  int workspace_ = -1, inputs_ = -1, step_ = -1;
  Memory inputs_staged_;               // where the device's inputs are not mapped
  std::vector<VkBufferCopy> uploads_;  // of inputs written since the last run
  Memory params_host_, params_;
  Memory fetched_;  // copies of all fetches, where they are not mapped
  std::vector<std::int64_t> fetched_at_;
  std::unique_ptr<Recording> recording_;
  Owned<VkCommandPool> pool_;
  VkCommandBuffer before_ = VK_NULL_HANDLE, after_ = VK_NULL_HANDLE;
  std::vector<Owned<VkFence>> fences_;  // of the recording's parts, then of the epilogue
};

}  // namespace trine::vulkan
