#include "backends/vulkan/program.h"

#include <algorithm>
#include <cstring>

#include "backends/workspace_guard.h"
#include "engine/error.h"

namespace trine::vulkan {
namespace {

constexpr VkPipelineStageFlags kCompute = VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT;
constexpr VkPipelineStageFlags kTransfer = VK_PIPELINE_STAGE_TRANSFER_BIT;
constexpr VkAccessFlags kShaderAccess = VK_ACCESS_SHADER_READ_BIT | VK_ACCESS_SHADER_WRITE_BIT;
constexpr VkAccessFlags kTransferAccess =
    VK_ACCESS_TRANSFER_READ_BIT | VK_ACCESS_TRANSFER_WRITE_BIT;

std::int64_t bytes_of(const Operand& operand) {
  return count(operand.type.shape) * size_of(operand.type.dtype);
}

std::int64_t first_byte_of(const Operand& operand) {
  return operand.offset * size_of(operand.type.dtype);
}

}  // namespace

StateBuffer::StateBuffer(Device& device, std::int64_t bytes)
    : device_(device), memory_(device, bytes, Home::device, "a state") {}

void StateBuffer::upload(std::int64_t first_byte, std::span<const std::byte> data) {
  device_.upload(memory_, first_byte, data);
}

void StateBuffer::download(std::int64_t first_byte, std::span<std::byte> data) const {
  device_.download(memory_, first_byte, data);
}

VulkanProgram::VulkanProgram(Device& device, Pipelines& pipelines, std::shared_ptr<const Plan> plan,
                             const StateBinding& states, const CompileOptions& options)
    : device_(device),
      plan_(std::move(plan)),
      checked_(options.check_memory),
      params_host_(device, sizeof(RunWords), Home::upload, "run parameters"),
      params_(device, sizeof(RunWords), Home::device, "run parameters"),
      pool_(device.make_command_pool()) {
  bind(states);
  write_literals();
  plan_fetches();
  recording_ = std::make_unique<Recording>(device, pipelines, plan_, buffers_, params_);
  for (std::size_t k = 0; k < recording_->parts().size() + 1; ++k)
    fences_.push_back(device.make_fence());
  before_ = device.make_command_buffer(pool_.get());
  after_ = device.make_command_buffer(pool_.get());
  record_after();
}

// ---- memory ----

void VulkanProgram::bind(const StateBinding& states) {
  owned_.resize(plan_->buffers.size());
  for (std::size_t b = 0; b < plan_->buffers.size(); ++b) {
    const Buffer& buffer = plan_->buffers[b];
    if (buffer.kind == BufferKind::state) {
      buffers_.push_back({dynamic_cast<StateBuffer&>(states(buffer)).memory().buffer(), 0});
      continue;
    }
    if (buffer.kind == BufferKind::step) {
      step_ = static_cast<int>(b);
      buffers_.push_back({params_.buffer(), 0});
      continue;
    }
    const bool is_workspace = buffer.kind == BufferKind::workspace;
    const std::int64_t guard = is_workspace && checked_ ? kGuardBytes : 0;
    owned_[b] = Memory(device_, buffer.bytes + 2 * guard, Home::device,
                       is_workspace ? "the workspace of the program" : "the inputs and constants");
    buffers_.push_back({owned_[b].buffer(), guard});
    if (is_workspace) workspace_ = static_cast<int>(b);
    if (buffer.kind == BufferKind::input) inputs_ = static_cast<int>(b);
  }
  device_.run_once([&](VkCommandBuffer commands) {
    for (const Memory& memory : owned_)
      if (memory.bytes() > 0)
        device_.api().vkCmdFillBuffer(commands, memory.buffer(), 0, VK_WHOLE_SIZE, 0);
    barrier(device_.api(), commands, kTransfer, VK_ACCESS_TRANSFER_WRITE_BIT,
            kTransfer | VK_PIPELINE_STAGE_HOST_BIT,
            kTransferAccess | VK_ACCESS_HOST_READ_BIT | VK_ACCESS_HOST_WRITE_BIT);
  });
  if (inputs_ < 0) return;
  const Memory& inputs = owned_[static_cast<std::size_t>(inputs_)];
  if (!inputs.mapped())
    inputs_staged_ = Memory(device_, inputs.bytes(), Home::upload, "staged inputs");
}

void VulkanProgram::write_literals() {
  for (const Literal& literal : plan_->literals)
    device_.upload(owned_[static_cast<std::size_t>(literal.operand.buffer)],
                   first_byte_of(literal.operand), std::as_bytes(std::span(*literal.values)));
}

void VulkanProgram::plan_fetches() {
  std::int64_t bytes = 0;
  bool staged = false;
  for (const Fetch& fetch : plan_->fetches) {
    fetched_at_.push_back(bytes);
    bytes += bytes_of(fetch.operand);
    staged = staged || !owned_[static_cast<std::size_t>(fetch.operand.buffer)].mapped();
  }
  if (staged) fetched_ = Memory(device_, bytes, Home::download, "fetched values");
}

// ---- inputs and results ----

void VulkanProgram::write(const Feed& feed, std::span<const std::byte> data) {
  const std::int64_t at = first_byte_of(feed.operand);
  const Memory& inputs = owned_[static_cast<std::size_t>(inputs_)];
  std::byte* const to = inputs.mapped() ? inputs.mapped() : inputs_staged_.mapped();
  std::memcpy(to + at, data.data(), data.size());
  if (inputs.mapped() || data.empty()) return;
  const VkBufferCopy region{static_cast<VkDeviceSize>(at), static_cast<VkDeviceSize>(at),
                            data.size()};
  const bool known = std::any_of(uploads_.begin(), uploads_.end(), [&](const VkBufferCopy& other) {
    return other.srcOffset == region.srcOffset;
  });
  if (!known) uploads_.push_back(region);
}

void VulkanProgram::read(const Fetch& fetch, std::span<std::byte> data) const {
  const auto buffer = static_cast<std::size_t>(fetch.operand.buffer);
  const std::byte* from = owned_[buffer].mapped();
  if (from)
    from += buffers_[buffer].offset + first_byte_of(fetch.operand);
  else
    from = fetched_.mapped() + fetched_at_[find_fetch(fetch)];
  std::memcpy(data.data(), from, data.size());
}

std::size_t VulkanProgram::find_fetch(const Fetch& fetch) const {
  const auto found = std::find_if(plan_->fetches.begin(), plan_->fetches.end(),
                                  [&](const Fetch& other) { return other.name == fetch.name; });
  return static_cast<std::size_t>(found - plan_->fetches.begin());
}

// ---- running ----

void VulkanProgram::set_params(const RunParams& params) {
  const RunWords words = to_words(params);
  std::memcpy(params_host_.mapped(), words.data(), sizeof(words));
}

// Everything before the recorded launches: what the host wrote, and poison. It is recorded anew
// each time, since which inputs changed differs.
void VulkanProgram::record_before() {
  const DeviceApi& api = device_.api();
  check(api.vkResetCommandBuffer(before_, 0), "resetting a command buffer");
  begin_commands(api, before_, VK_COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT);
  // After whatever ran before, here or in another program that shares states.
  barrier(api, before_, kCompute | kTransfer,
          VK_ACCESS_SHADER_WRITE_BIT | VK_ACCESS_TRANSFER_WRITE_BIT, kCompute | kTransfer,
          kShaderAccess | kTransferAccess);
  record_uploads(before_);
  if (checked_) record_poison(before_);
  barrier(api, before_, kTransfer, VK_ACCESS_TRANSFER_WRITE_BIT, kCompute | kTransfer,
          kShaderAccess | kTransferAccess);
  check(api.vkEndCommandBuffer(before_), "recording");
}

void VulkanProgram::record_uploads(VkCommandBuffer commands) {
  const DeviceApi& api = device_.api();
  const VkBufferCopy params{0, 0, sizeof(RunWords)};
  api.vkCmdCopyBuffer(commands, params_host_.buffer(), params_.buffer(), 1, &params);
  if (uploads_.empty()) return;
  api.vkCmdCopyBuffer(commands, inputs_staged_.buffer(),
                      owned_[static_cast<std::size_t>(inputs_)].buffer(),
                      static_cast<std::uint32_t>(uploads_.size()), uploads_.data());
  uploads_.clear();
}

void VulkanProgram::record_poison(VkCommandBuffer commands) const {
  if (workspace_ < 0) return;
  const DeviceApi& api = device_.api();
  const Memory& memory = owned_[static_cast<std::size_t>(workspace_)];
  const auto guard = static_cast<VkDeviceSize>(kGuardBytes);
  const VkDeviceSize inside = static_cast<VkDeviceSize>(memory.bytes()) - 2 * guard;
  api.vkCmdFillBuffer(commands, memory.buffer(), 0, guard, kGuardWord);
  if (inside > 0) api.vkCmdFillBuffer(commands, memory.buffer(), guard, inside, kPoisonWord);
  api.vkCmdFillBuffer(commands, memory.buffer(), guard + inside, guard, kGuardWord);
}

// Everything after the recorded launches: copies of the fetches, and visibility to the host.
void VulkanProgram::record_after() {
  const DeviceApi& api = device_.api();
  begin_commands(api, after_, 0);
  barrier(api, after_, kCompute | kTransfer,
          VK_ACCESS_SHADER_WRITE_BIT | VK_ACCESS_TRANSFER_WRITE_BIT, kTransfer,
          VK_ACCESS_TRANSFER_READ_BIT);
  for (std::size_t k = 0; k < plan_->fetches.size(); ++k) {
    const Operand& operand = plan_->fetches[k].operand;
    const auto buffer = static_cast<std::size_t>(operand.buffer);
    if (owned_[buffer].mapped() || bytes_of(operand) == 0) continue;
    const VkBufferCopy region{
        static_cast<VkDeviceSize>(buffers_[buffer].offset + first_byte_of(operand)),
        static_cast<VkDeviceSize>(fetched_at_[k]), static_cast<VkDeviceSize>(bytes_of(operand))};
    api.vkCmdCopyBuffer(after_, buffers_[buffer].buffer, fetched_.buffer(), 1, &region);
  }
  barrier(api, after_, kCompute | kTransfer,
          VK_ACCESS_SHADER_WRITE_BIT | VK_ACCESS_TRANSFER_WRITE_BIT, VK_PIPELINE_STAGE_HOST_BIT,
          VK_ACCESS_HOST_READ_BIT | VK_ACCESS_HOST_WRITE_BIT);
  check(api.vkEndCommandBuffer(after_), "recording");
}

void VulkanProgram::run(const RunParams& params) {
  set_params(params);
  record_before();
  if (!submit_all() || !device_.wait(fence_handles())) fail_lost();
  if (checked_) check_guards();
  Instance::get().throw_complaints();
}

// False when the device was lost on the way.
bool VulkanProgram::submit_all() {
  if (!device_.submit(before_, VK_NULL_HANDLE)) return false;
  std::size_t fence = 0;
  for (const Recording::Part& part : recording_->parts())
    if (!device_.submit(part.commands, fences_[fence++].get())) return false;
  return device_.submit(after_, fences_[fence].get());
}

std::vector<VkFence> VulkanProgram::fence_handles() const {
  std::vector<VkFence> fences;
  for (const Owned<VkFence>& fence : fences_) fences.push_back(fence.get());
  return fences;
}

void VulkanProgram::fail_lost() const {
  // Parts whose fence never signalled did not end; the first of them holds the culprit.
  std::size_t part = 0;
  while (part + 1 < fences_.size() && device_.is_done(fences_[part].get())) ++part;
  if (part + 1 == fences_.size())
    fail("vulkan: the device was lost after '{}' had run; the last checkpoint is intact",
         plan_->name);
  const Recording::Part& lost = recording_->parts()[part];
  const Step& first = plan_->steps[static_cast<std::size_t>(lost.first_step)];
  const Step& last = plan_->steps[static_cast<std::size_t>(lost.last_step)];
  fail(
      "vulkan: the device was lost while '{}' ran steps {} ({} in {}) to {} ({} in {}): the driver "
      "stopped it, or it failed. The last checkpoint is intact: start again from there",
      plan_->name, lost.first_step, kernel_name(first), first.scope, lost.last_step,
      kernel_name(last), last.scope);
}

void VulkanProgram::check_guards() {
  if (workspace_ < 0) return;
  const Memory& memory = owned_[static_cast<std::size_t>(workspace_)];
  for (const std::int64_t at : {std::int64_t{0}, memory.bytes() - kGuardBytes}) {
    std::vector<std::uint32_t> words(kGuardBytes / 4);
    device_.download(memory, at, std::as_writable_bytes(std::span(words)));
    check_guard(words, at == 0 ? GuardSide::before : GuardSide::after, plan_->name);
  }
}

std::vector<LaunchTime> VulkanProgram::profile(const RunParams& params) {
  set_params(params);
  record_before();
  if (!device_.submit(before_, VK_NULL_HANDLE)) fail_lost();
  return recording_->profile();
}

}  // namespace trine::vulkan
