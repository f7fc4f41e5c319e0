// Compute pipelines, made at their first use and kept for the life of the device, with the driver's
// own cache on disk.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "backends/vulkan/device.h"
#include "backends/vulkan/shaders.h"

namespace trine::vulkan {

// Which pipeline a step needs.
struct KernelSource {
  std::string kernel;                    // "matmul.comp"
  std::vector<std::uint32_t> constants;  // specialization constants 0, 1, ...
  GeneratedParts parts;                  // none: the SPIR-V of the build

  friend auto operator<=>(const KernelSource&, const KernelSource&) = default;
};

// The array lengths of the two operand bindings, as in shaders/common.glsl.
inline constexpr int kSources = 10, kTargets = 4;

// The words of the push constant, as in shaders/common.glsl.
struct LaunchConstants {
  std::uint32_t first_record, record_words;
};

class Pipelines {
 public:
  explicit Pipelines(Device& device);

  VkPipeline get(const KernelSource& source);
  // How many were made since the device was opened.
  std::size_t count() const { return made_.size(); }

  // Every kernel has the same four bindings and push constant.
  VkDescriptorSetLayout set_layout() const { return set_layout_.get(); }
  VkPipelineLayout layout() const { return layout_.get(); }

  // Writes the driver's cache to disk if pipelines were made since the last time.
  void save();

 private:
  void make_layouts();
  void make_cache();
  Owned<VkPipeline> make(const KernelSource& source);

  Device& device_;
  Owned<VkDescriptorSetLayout> set_layout_;
  Owned<VkPipelineLayout> layout_;
  Owned<VkPipelineCache> cache_;
  std::map<KernelSource, Owned<VkPipeline>> made_;
  bool unsaved_ = false;
};

}  // namespace trine::vulkan
