// The kernels of shaders/ inside the program: their texts, and the SPIR-V that the build made of
// each kernel as it stands. Variants with generated parts are compiled at run time.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace trine::vulkan {

struct EmbeddedShader {
  std::string_view name;  // "matmul.comp", "common.glsl"
  std::string_view text;
  std::span<const std::uint32_t> spirv;  // empty for what only others include
};

// Every file of shaders/; the build generates it.
std::span<const EmbeddedShader> embedded_shaders();

// Error if there is none of this name.
const EmbeddedShader& find_shader(std::string_view name);

// Generated text by the name under which a kernel includes it: "body", "prologue", "epilogue". A
// part also defines its name in capitals.
using GeneratedParts = std::map<std::string, std::string>;

// The text of a kernel with every #include replaced, each file once, and the parts in their places.
std::string assemble(std::string_view kernel, const GeneratedParts& parts);

// Compiles GLSL for Vulkan 1.2 in process, or reads what an earlier run compiled from the disk
// cache. Error with the compiler's message and the numbered text when it does not compile.
std::vector<std::uint32_t> compile_glsl(const std::string& text, std::string_view name);

}  // namespace trine::vulkan
