// GLSL to SPIR-V by glslang, in process.
#include <cstring>
#include <mutex>

#include <fmt/format.h>
#include <glslang/Public/ResourceLimits.h>
#include <glslang/Public/ShaderLang.h>
#include <glslang/SPIRV/GlslangToSpv.h>
#include <glslang/build_info.h>

#include "backends/codegen/cache_file.h"
#include "backends/vulkan/shaders.h"
#include "engine/error.h"

namespace trine::vulkan {
namespace {

constexpr int kGlslVersion = 450;
constexpr auto kMessages =
    static_cast<EShMessages>(EShMsgSpvRules | EShMsgVulkanRules | EShMsgDefault);

std::string numbered(std::string_view text) {
  std::string result;
  int line = 1;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    result += fmt::format("{:4} {}\n", line++, text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return result;
}

std::vector<std::uint32_t> translate(const std::string& text, std::string_view name) {
  static const bool started = glslang::InitializeProcess();
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  if (!started) fail("vulkan: the shader compiler did not start");
  glslang::TShader shader(EShLangCompute);
  const char* const texts[] = {text.c_str()};
  shader.setStrings(texts, 1);
  shader.setEnvInput(glslang::EShSourceGlsl, EShLangCompute, glslang::EShClientVulkan,
                     kGlslVersion);
  shader.setEnvClient(glslang::EShClientVulkan, glslang::EShTargetVulkan_1_2);
  shader.setEnvTarget(glslang::EShTargetSpv, glslang::EShTargetSpv_1_5);
  const bool parsed = shader.parse(GetDefaultResources(), kGlslVersion, false, kMessages);
  glslang::TProgram program;
  program.addShader(&shader);
  if (!parsed || !program.link(kMessages))
    fail("vulkan: the generated kernel '{}' does not compile, which is a fault of Trine: {}{}\n{}",
         name, shader.getInfoLog(), program.getInfoLog(), numbered(text));
  std::vector<std::uint32_t> spirv;
  glslang::GlslangToSpv(*program.getIntermediate(EShLangCompute), spirv);
  return spirv;
}

// Another compiler or another text is another file. Two hashes make chance collisions hopeless.
std::string cache_name(const std::string& text) {
  const std::string key = fmt::format("{}.{}.{}\n{}", GLSLANG_VERSION_MAJOR, GLSLANG_VERSION_MINOR,
                                      GLSLANG_VERSION_PATCH, text);
  return fmt::format("{:016x}{:016x}.spv", hash_of(key), hash_of(text + key));
}

}  // namespace

std::vector<std::uint32_t> compile_glsl(const std::string& text, std::string_view name) {
  const std::string file = cache_name(text);
  if (const auto cached = read_cached(file); cached && cached->size() % 4 == 0) {
    std::vector<std::uint32_t> spirv(cached->size() / 4);
    std::memcpy(spirv.data(), cached->data(), cached->size());
    return spirv;
  }
  const std::vector<std::uint32_t> spirv = translate(text, name);
  write_cached(file, std::as_bytes(std::span(spirv)));
  return spirv;
}

}  // namespace trine::vulkan
