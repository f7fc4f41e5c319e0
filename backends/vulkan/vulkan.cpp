#include "backends/vulkan/vulkan.h"

#include <map>
#include <mutex>

#include <fmt/format.h>

#include "backends/op_kernels.h"
#include "backends/vulkan/kernels.h"
#include "backends/vulkan/open_device.h"
#include "backends/vulkan/program.h"
#include "backends/vulkan/requirements.h"
#include "engine/error.h"

namespace trine {
namespace {

using namespace vulkan;

// Devices stay open for the life of the process: pipelines cost too much to make again for every
// program, and drivers do not like to be unloaded while the process ends.
OpenDevice& open(std::size_t index) {
  static std::mutex mutex;
  static auto* const devices = new std::map<std::pair<std::size_t, bool>, OpenDevice>;
  const std::lock_guard lock(mutex);
  return devices->try_emplace({index, staging_forced()}, Instance::get().devices()[index])
      .first->second;
}

DeviceInfo info_of(std::size_t index, const PhysicalDevice& device) {
  const VkPhysicalDeviceLimits& limits = device.properties.limits;
  std::int64_t memory = 0;
  for (std::uint32_t h = 0; h < device.memory.memoryHeapCount; ++h)
    if (device.memory.memoryHeaps[h].flags & VK_MEMORY_HEAP_DEVICE_LOCAL_BIT)
      memory += static_cast<std::int64_t>(device.memory.memoryHeaps[h].size);
  return {fmt::format("vulkan:{}", index),
          device.properties.deviceName,
          type_name(device),
          fmt::format("{} {}", device.driver.driverName, device.driver.driverInfo),
          memory,
          {{"api version", version_text(device.properties.apiVersion)},
           {"subgroup size", fmt::format("{} (kernels use shared memory, at any size)",
                                         device.subgroup.subgroupSize)},
           {"shared memory", fmt::format("{} bytes", limits.maxComputeSharedMemorySize)},
           {"largest range of a kernel", fmt::format("{} bytes", limits.maxStorageBufferRange)},
           {"largest allocation",
            fmt::format("{} bytes", device.memory_limits.maxMemoryAllocationSize)},
           {"work groups", fmt::format("{} x {}", limits.maxComputeWorkGroupCount[0],
                                       limits.maxComputeWorkGroupCount[1])},
           {"timestamps", limits.timestampComputeAndGraphics ? "yes" : "no"}}};
}

class VulkanBackend final : public Backend {
 public:
  VulkanBackend(std::size_t index, OpenDevice& open) : index_(index), open_(open) {}
  ~VulkanBackend() override { open_.pipelines.save(); }

  DeviceInfo info() const override {
    DeviceInfo info = info_of(index_, open_.device.physical());
    info.details.emplace_back("pipelines", fmt::format("{}", open_.pipelines.count()));
    return info;
  }

  std::string unsupported(const Step& step) const override {
    return why_unsupported(step, kernel_limits(open_.device));
  }

  Fusion fusion() const override { return fusion_of(op_kernels()); }

  std::unique_ptr<DeviceBuffer> allocate(std::int64_t bytes) override {
    auto buffer = std::make_unique<StateBuffer>(open_.device, bytes);
    upload_zeros(*buffer);
    return buffer;
  }

  std::unique_ptr<Program> compile(std::shared_ptr<const Plan> plan, const StateBinding& states,
                                   const CompileOptions& options) override {
    require_supported(*this, *plan);
    auto program = std::make_unique<VulkanProgram>(open_.device, open_.pipelines, std::move(plan),
                                                   states, options);
    Instance::get().throw_complaints();
    return program;
  }

 private:
  std::size_t index_;
  OpenDevice& open_;
};

}  // namespace

std::unique_ptr<Backend> vulkan::make_backend(std::size_t index, OpenDevice& open) {
  return std::make_unique<VulkanBackend>(index, open);
}

std::vector<std::string> unusable_vulkan_devices() { return Instance::get().unusable(); }

std::vector<DeviceInfo> vulkan_devices() {
  std::vector<DeviceInfo> infos;
  for (const PhysicalDevice& device : Instance::get().devices())
    infos.push_back(info_of(infos.size(), device));
  return infos;
}

std::unique_ptr<Backend> make_vulkan_backend(const std::string& selector) {
  const std::size_t index =
      choose_device(Instance::get().devices(), selector, Instance::get().unusable());
  return make_backend(index, open(index));
}

}  // namespace trine
