// A plan recorded once into command buffers: pipelines, member tables, descriptors, barriers.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "backends/backend.h"
#include "backends/vulkan/bindings.h"
#include "backends/vulkan/kernels.h"
#include "backends/vulkan/memory.h"

namespace trine::vulkan {

class Recording {
 public:
  // `buffers` has an entry for each buffer of the plan, `step_words` holds RunParams. Error when
  // an operand is larger than a kernel of this device may see and its step cannot be cut.
  Recording(Device& device, Pipelines& pipelines, std::shared_ptr<const Plan> plan,
            std::span<const BoundBuffer> buffers, const Memory& step_words);

  // Command buffers to submit in order. They are several so that none runs for long, which drivers
  // take for a hang. Before the first, all memory must be visible to kernels.
  struct Part {
    VkCommandBuffer commands;
    int first_step, last_step;
  };
  const std::vector<Part>& parts() const { return parts_; }

  // Runs the launches with a clock around each and waits.
  std::vector<LaunchTime> profile();

 private:
  struct Launch {
    int step = 0;
    VkPipeline pipeline = VK_NULL_HANDLE;
    VkDescriptorSet set = VK_NULL_HANDLE;
    LaunchConstants constants{};
    std::uint32_t groups = 0, members = 0;
    std::vector<Range> sources, targets;
    double flops = 0;
    bool after_barrier = false;
  };

  void add_step(int step);
  void add_launch(int step, const StepKernel& kernel, std::span<const Member> members,
                  const Bindings& bindings);
  void add_members(int step, const StepKernel& kernel, std::span<const Member> members);
  [[noreturn]] void fail_beyond_range(const Step& step, const Member& member) const;
  void order_wave(std::size_t first);
  void upload_table();
  void write_descriptors();
  void write_set(const Launch& launch);
  void record_parts();
  void record(VkCommandBuffer commands, const Launch& launch) const;
  void compute_barrier(VkCommandBuffer commands) const;

  Device& device_;
  Pipelines& pipelines_;
  std::shared_ptr<const Plan> plan_;
  std::vector<BoundBuffer> buffers_;
  VkBuffer step_words_;
  RangeLimits range_limits_;
  std::vector<std::uint32_t> words_;
  Memory table_;
  std::vector<Launch> launches_;
  Owned<VkDescriptorPool> descriptor_pool_;
  Owned<VkCommandPool> command_pool_;
  std::vector<Part> parts_;
};

KernelLimits kernel_limits(const Device& device);

}  // namespace trine::vulkan
