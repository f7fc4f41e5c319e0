#include "backends/vulkan/recording.h"

#include <algorithm>

#include "backends/reach.h"
#include "backends/vulkan/halves.h"
#include "engine/error.h"

namespace trine::vulkan {
namespace {

// What one command buffer may hold: by count, and by work for slow devices.
constexpr int kLaunchesInPart = 256;
constexpr double kFlopsInPart = 2e10;

// Whether two launches may not run at once.
bool conflict(std::span<const Range> reads_a, std::span<const Range> writes_a,
              std::span<const Range> reads_b, std::span<const Range> writes_b) {
  auto meet = [](std::span<const Range> a, std::span<const Range> b) {
    return std::any_of(a.begin(), a.end(), [&](const Range& x) {
      return std::any_of(b.begin(), b.end(), [&](const Range& y) { return x.overlaps(y); });
    });
  };
  return meet(writes_a, writes_b) || meet(writes_a, reads_b) || meet(reads_a, writes_b);
}

}  // namespace

KernelLimits kernel_limits(const Device& device) {
  return {static_cast<std::int64_t>(device.limits().maxComputeSharedMemorySize)};
}

Recording::Recording(Device& device, Pipelines& pipelines, std::shared_ptr<const Plan> plan,
                     std::span<const BoundBuffer> buffers, const Memory& step_words)
    : device_(device),
      pipelines_(pipelines),
      plan_(std::move(plan)),
      buffers_(buffers.begin(), buffers.end()),
      step_words_(step_words.buffer()),
      range_limits_{static_cast<std::int64_t>(device.limits().minStorageBufferOffsetAlignment),
                    static_cast<std::int64_t>(device.limits().maxStorageBufferRange)},
      command_pool_(device.make_command_pool()) {
  std::size_t wave_begin = 0;
  for (std::size_t s = 0; s < plan_->steps.size(); ++s) {
    add_step(static_cast<int>(s));
    const bool wave_ends =
        s + 1 == plan_->steps.size() || plan_->steps[s + 1].wave != plan_->steps[s].wave;
    if (!wave_ends) continue;
    order_wave(wave_begin);
    wave_begin = launches_.size();
  }
  upload_table();
  write_descriptors();
  record_parts();
}

// ---- launches ----

void Recording::add_step(int step) {
  const Step& s = plan_->steps[static_cast<std::size_t>(step)];
  add_members(step, make_kernel(s, kernel_limits(device_)), s.members);
}

// All members in one launch if their ranges and the grid allow it, else halves, of a single member
// as well where it can be cut.
void Recording::add_members(int step, const StepKernel& kernel, std::span<const Member> members) {
  const bool grid_fits = members.size() <= device_.limits().maxComputeWorkGroupCount[1];
  if (grid_fits) {
    if (const auto bindings = Bindings::fit(members, buffers_, range_limits_))
      return add_launch(step, kernel, members, *bindings);
  }
  if (members.size() > 1) {
    add_members(step, kernel, members.first(members.size() / 2));
    add_members(step, kernel, members.subspan(members.size() / 2));
    return;
  }
  const Step& s = plan_->steps[static_cast<std::size_t>(step)];
  const auto cut = halves(s, members.front());
  if (!cut) fail_beyond_range(s, members.front());
  for (const Member& half : *cut) add_members(step, kernel, {&half, 1});
}

void Recording::fail_beyond_range(const Step& step, const Member& member) const {
  const std::string limit =
      fmt::format("the {} bytes that {} lets a kernel see at once (maxStorageBufferRange)",
                  range_limits_.longest, device_.physical().properties.deviceName);
  for (const auto* operands : {&member.inputs, &member.outputs})
    for (const Operand& operand : *operands) {
      const std::int64_t bytes = reach_of(operand) * size_of(operand.type.dtype);
      if (bytes > range_limits_.longest)
        fail(
            "vulkan: {} in {} has an operand {} over {} bytes, more than {}; if it grows with the "
            "batch, use a smaller one, else another device, such as the cpu",
            kernel_name(step), step.scope, to_string(operand.type), bytes, limit);
    }
  fail(
      "vulkan: the {} operands of {} in {} lie too far apart for {} ranges of {}; compile with the "
      "pass fuse off, use a smaller batch or another device, such as the cpu",
      member.inputs.size() + member.outputs.size(), kernel_name(step), step.scope,
      kSources + kTargets, limit);
}

void Recording::add_launch(int step, const StepKernel& kernel, std::span<const Member> members,
                           const Bindings& bindings) {
  Launch launch;
  launch.step = step;
  launch.constants.first_record = static_cast<std::uint32_t>(words_.size());
  Record record(bindings, words_);
  std::int64_t groups = 0;
  for (const Member& member : members) {
    kernel.write(member, record);
    groups = std::max(groups, kernel.groups(member));
  }
  if (groups == 0) return;  // nothing but empty operands
  const std::size_t written = words_.size() - launch.constants.first_record;
  launch.constants.record_words = static_cast<std::uint32_t>(written / members.size());
  launch.pipeline = pipelines_.get(kernel.source);
  // Kernels walk on by the size of the grid, so that a limit costs nothing but parallelism.
  launch.groups = static_cast<std::uint32_t>(
      std::min<std::int64_t>(groups, device_.limits().maxComputeWorkGroupCount[0]));
  launch.members = static_cast<std::uint32_t>(members.size());
  launch.sources = bindings.sources();
  launch.targets = bindings.targets();
  const Step& s = plan_->steps[static_cast<std::size_t>(step)];
  launch.flops =
      count_flops(s) * static_cast<double>(members.size()) / static_cast<double>(s.members.size());
  launches_.push_back(std::move(launch));
}

// Launches of a wave are independent, but the ranges that cover all members of one may meet those
// of another. Such launches go to different groups, with a barrier before each group.
void Recording::order_wave(std::size_t first) {
  std::vector<std::vector<Launch>> groups;
  for (std::size_t i = first; i < launches_.size(); ++i) {
    Launch& launch = launches_[i];
    const auto free = std::find_if(groups.begin(), groups.end(), [&](const auto& group) {
      return std::none_of(group.begin(), group.end(), [&](const Launch& other) {
        return conflict(launch.sources, launch.targets, other.sources, other.targets);
      });
    });
    if (free == groups.end())
      groups.emplace_back().push_back(std::move(launch));
    else
      free->push_back(std::move(launch));
  }
  launches_.resize(first);
  for (std::vector<Launch>& group : groups) {
    group.front().after_barrier = true;
    std::move(group.begin(), group.end(), std::back_inserter(launches_));
  }
}

void Recording::upload_table() {
  table_ = Memory(device_, static_cast<std::int64_t>(words_.size() * 4), Home::device,
                  "the table of launches");
  device_.upload(table_, 0, std::as_bytes(std::span(words_)));
}

// ---- descriptors ----

void Recording::write_descriptors() {
  if (launches_.empty()) return;
  const DeviceApi& api = device_.api();
  const auto n = static_cast<std::uint32_t>(launches_.size());
  const VkDescriptorPoolSize size{VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, n * (2 + kSources + kTargets)};
  const VkDescriptorPoolCreateInfo info{.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO,
                                        .maxSets = n,
                                        .poolSizeCount = 1,
                                        .pPoolSizes = &size};
  VkDescriptorPool pool;
  check(api.vkCreateDescriptorPool(device_.handle(), &info, nullptr, &pool),
        "creating descriptors");
  descriptor_pool_ = {device_.handle(), pool, api.vkDestroyDescriptorPool};
  const std::vector<VkDescriptorSetLayout> layouts(n, pipelines_.set_layout());
  const VkDescriptorSetAllocateInfo allocation{
      .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_ALLOCATE_INFO,
      .descriptorPool = pool,
      .descriptorSetCount = n,
      .pSetLayouts = layouts.data()};
  std::vector<VkDescriptorSet> sets(n);
  check(api.vkAllocateDescriptorSets(device_.handle(), &allocation, sets.data()),
        "allocating descriptors");
  for (std::size_t i = 0; i < launches_.size(); ++i) {
    launches_[i].set = sets[i];
    write_set(launches_[i]);
  }
}

void Recording::write_set(const Launch& launch) {
  std::vector<VkDescriptorBufferInfo> infos = {{table_.buffer(), 0, VK_WHOLE_SIZE},
                                               {step_words_, 0, VK_WHOLE_SIZE}};
  // Every element of an array must be bound; unused ones repeat the first, or the table, which no
  // kernel then touches through them.
  auto add = [&](const std::vector<Range>& ranges, std::size_t length) {
    for (std::size_t k = 0; k < length; ++k) {
      if (ranges.empty()) {
        infos.push_back(infos.front());
        continue;
      }
      const Range& range = ranges[k < ranges.size() ? k : 0];
      infos.push_back({range.buffer, static_cast<VkDeviceSize>(range.first),
                       static_cast<VkDeviceSize>(range.last - range.first)});
    }
  };
  add(launch.sources, kSources);
  add(launch.targets, kTargets);
  std::vector<VkWriteDescriptorSet> writes;
  std::size_t at = 0;
  for (std::uint32_t length : {1, 1, kSources, kTargets}) {
    writes.push_back({.sType = VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET,
                      .dstSet = launch.set,
                      .dstBinding = static_cast<std::uint32_t>(writes.size()),
                      .descriptorCount = length,
                      .descriptorType = VK_DESCRIPTOR_TYPE_STORAGE_BUFFER,
                      .pBufferInfo = infos.data() + at});
    at += length;
  }
  device_.api().vkUpdateDescriptorSets(device_.handle(), static_cast<std::uint32_t>(writes.size()),
                                       writes.data(), 0, nullptr);
}

// ---- commands ----

void Recording::compute_barrier(VkCommandBuffer commands) const {
  barrier(device_.api(), commands, VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT, VK_ACCESS_SHADER_WRITE_BIT,
          VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT,
          VK_ACCESS_SHADER_READ_BIT | VK_ACCESS_SHADER_WRITE_BIT);
}

void Recording::record(VkCommandBuffer commands, const Launch& launch) const {
  const DeviceApi& api = device_.api();
  if (launch.after_barrier) compute_barrier(commands);
  api.vkCmdBindPipeline(commands, VK_PIPELINE_BIND_POINT_COMPUTE, launch.pipeline);
  api.vkCmdBindDescriptorSets(commands, VK_PIPELINE_BIND_POINT_COMPUTE, pipelines_.layout(), 0, 1,
                              &launch.set, 0, nullptr);
  api.vkCmdPushConstants(commands, pipelines_.layout(), VK_SHADER_STAGE_COMPUTE_BIT, 0,
                         sizeof(launch.constants), &launch.constants);
  api.vkCmdDispatch(commands, launch.groups, launch.members, 1);
}

void Recording::record_parts() {
  const DeviceApi& api = device_.api();
  std::size_t next = 0;
  while (next < launches_.size()) {
    Part part{device_.make_command_buffer(command_pool_.get()), launches_[next].step, 0};
    begin_commands(api, part.commands, 0);
    double flops = 0;
    int n = 0;
    for (; next < launches_.size() && n < kLaunchesInPart && flops < kFlopsInPart; ++next, ++n) {
      record(part.commands, launches_[next]);
      part.last_step = std::max(part.last_step, launches_[next].step);
      flops += launches_[next].flops;
    }
    check(api.vkEndCommandBuffer(part.commands), "recording");
    parts_.push_back(part);
  }
}

std::vector<LaunchTime> Recording::profile() {
  const DeviceApi& api = device_.api();
  if (device_.timestamp_bits() == 0)
    fail("vulkan: {} has no timestamps, so launches cannot be timed",
         device_.physical().properties.deviceName);
  const VkQueryPoolCreateInfo info{.sType = VK_STRUCTURE_TYPE_QUERY_POOL_CREATE_INFO,
                                   .queryType = VK_QUERY_TYPE_TIMESTAMP,
                                   .queryCount = 2};
  VkQueryPool pool;
  check(api.vkCreateQueryPool(device_.handle(), &info, nullptr, &pool), "creating queries");
  const Owned<VkQueryPool> owner(device_.handle(), pool, api.vkDestroyQueryPool);
  std::vector<LaunchTime> times;
  for (const Launch& launch : launches_) {
    device_.run_once([&](VkCommandBuffer commands) {
      api.vkCmdResetQueryPool(commands, pool, 0, 2);
      compute_barrier(commands);
      api.vkCmdWriteTimestamp(commands, VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT, pool, 0);
      record(commands, launch);
      api.vkCmdWriteTimestamp(commands, VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT, pool, 1);
    });
    std::uint64_t ticks[2] = {};
    check(api.vkGetQueryPoolResults(device_.handle(), pool, 0, 2, sizeof(ticks), ticks,
                                    sizeof(ticks[0]),
                                    VK_QUERY_RESULT_64_BIT | VK_QUERY_RESULT_WAIT_BIT),
          "reading queries");
    const double nanoseconds =
        static_cast<double>(ticks[1] - ticks[0]) * device_.limits().timestampPeriod;
    times.push_back({launch.step, nanoseconds * 1e-3});
  }
  return times;
}

}  // namespace trine::vulkan
