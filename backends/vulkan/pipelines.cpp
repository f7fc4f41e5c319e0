#include "backends/vulkan/pipelines.h"

#include <span>

#include <fmt/format.h>

#include "backends/codegen/cache_file.h"

namespace trine::vulkan {
namespace {

// Pipelines of one driver version mean nothing to another.
std::string cache_name(const PhysicalDevice& physical) {
  std::string uuid;
  for (std::uint8_t byte : physical.id.driverUUID) uuid += fmt::format("{:02x}", byte);
  return fmt::format("pipelines-{:x}-{:x}-{:x}-{}.bin", physical.properties.vendorID,
                     physical.properties.deviceID, physical.properties.driverVersion, uuid);
}

}  // namespace

Pipelines::Pipelines(Device& device) : device_(device) {
  make_layouts();
  make_cache();
}

void Pipelines::make_layouts() {
  const DeviceApi& api = device_.api();
  std::vector<VkDescriptorSetLayoutBinding> bindings;
  for (std::uint32_t length : {1, 1, kSources, kTargets})
    bindings.push_back({static_cast<std::uint32_t>(bindings.size()),
                        VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, length, VK_SHADER_STAGE_COMPUTE_BIT,
                        nullptr});
  const VkDescriptorSetLayoutCreateInfo set_info{
      .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO,
      .bindingCount = static_cast<std::uint32_t>(bindings.size()),
      .pBindings = bindings.data()};
  VkDescriptorSetLayout set_layout;
  check(api.vkCreateDescriptorSetLayout(device_.handle(), &set_info, nullptr, &set_layout),
        "creating a descriptor layout");
  set_layout_ = {device_.handle(), set_layout, api.vkDestroyDescriptorSetLayout};

  const VkPushConstantRange constants{VK_SHADER_STAGE_COMPUTE_BIT, 0, sizeof(LaunchConstants)};
  const VkPipelineLayoutCreateInfo info{.sType = VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO,
                                        .setLayoutCount = 1,
                                        .pSetLayouts = &set_layout,
                                        .pushConstantRangeCount = 1,
                                        .pPushConstantRanges = &constants};
  VkPipelineLayout layout;
  check(api.vkCreatePipelineLayout(device_.handle(), &info, nullptr, &layout),
        "creating a pipeline layout");
  layout_ = {device_.handle(), layout, api.vkDestroyPipelineLayout};
}

void Pipelines::make_cache() {
  const DeviceApi& api = device_.api();
  const auto stored = read_cached(cache_name(device_.physical()));
  VkPipelineCacheCreateInfo info{.sType = VK_STRUCTURE_TYPE_PIPELINE_CACHE_CREATE_INFO};
  if (stored) {
    info.initialDataSize = stored->size();
    info.pInitialData = stored->data();
  }
  VkPipelineCache cache;
  check(api.vkCreatePipelineCache(device_.handle(), &info, nullptr, &cache),
        "creating a pipeline cache");
  cache_ = {device_.handle(), cache, api.vkDestroyPipelineCache};
}

VkPipeline Pipelines::get(const KernelSource& source) {
  const auto found = made_.find(source);
  if (found != made_.end()) return found->second.get();
  unsaved_ = true;
  return made_.emplace(source, make(source)).first->second.get();
}

Owned<VkPipeline> Pipelines::make(const KernelSource& source) {
  const DeviceApi& api = device_.api();
  std::vector<std::uint32_t> compiled;
  std::span<const std::uint32_t> spirv = find_shader(source.kernel).spirv;
  if (!source.parts.empty()) {
    compiled = compile_glsl(assemble(source.kernel, source.parts), source.kernel);
    spirv = compiled;
  }
  const VkShaderModuleCreateInfo module_info{.sType = VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO,
                                             .codeSize = spirv.size_bytes(),
                                             .pCode = spirv.data()};
  VkShaderModule module;
  check(api.vkCreateShaderModule(device_.handle(), &module_info, nullptr, &module),
        "loading a shader");
  const Owned<VkShaderModule> owner(device_.handle(), module, api.vkDestroyShaderModule);

  std::vector<VkSpecializationMapEntry> entries;
  for (std::uint32_t k = 0; k < source.constants.size(); ++k) entries.push_back({k, k * 4, 4});
  const VkSpecializationInfo constants{static_cast<std::uint32_t>(entries.size()), entries.data(),
                                       source.constants.size() * 4, source.constants.data()};
  const VkComputePipelineCreateInfo info{
      .sType = VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO,
      .stage = {.sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO,
                .stage = VK_SHADER_STAGE_COMPUTE_BIT,
                .module = module,
                .pName = "main",
                .pSpecializationInfo = &constants},
      .layout = layout_.get()};
  VkPipeline pipeline;
  check(api.vkCreateComputePipelines(device_.handle(), cache_.get(), 1, &info, nullptr, &pipeline),
        "creating a pipeline");
  return {device_.handle(), pipeline, api.vkDestroyPipeline};
}

void Pipelines::save() {
  if (!unsaved_) return;
  unsaved_ = false;
  const DeviceApi& api = device_.api();
  std::size_t size = 0;
  check(api.vkGetPipelineCacheData(device_.handle(), cache_.get(), &size, nullptr),
        "reading the pipeline cache");
  std::vector<std::byte> data(size);
  check(api.vkGetPipelineCacheData(device_.handle(), cache_.get(), &size, data.data()),
        "reading the pipeline cache");
  write_cached(cache_name(device_.physical()), data);
}

}  // namespace trine::vulkan
