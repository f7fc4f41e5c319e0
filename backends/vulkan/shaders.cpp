#include "backends/vulkan/shaders.h"

#include <algorithm>
#include <cctype>
#include <set>

#include "engine/error.h"

namespace trine::vulkan {
namespace {

class Assembly {
 public:
  explicit Assembly(const GeneratedParts& parts) : parts_(parts) {}

  void append(std::string_view text) {
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
      append_line(text.substr(0, end));
      text.remove_prefix(end);
    }
  }

  std::string result;

 private:
  static constexpr std::string_view kInclude = "#include \"";

  void append_line(std::string_view line) {
    if (line.starts_with("#version")) {
      result += line;
      for (const auto& [name, text] : parts_) result += "#define " + upper(name) + "\n";
    } else if (line.starts_with(kInclude)) {
      line.remove_prefix(kInclude.size());
      include(std::string(line.substr(0, line.find('"'))));
    } else {
      result += line;
    }
  }

  // A part that was not generated stands in an inactive branch of the text.
  void include(const std::string& name) {
    const bool is_part = name.find('.') == std::string::npos;
    const auto part = parts_.find(name);
    if (part != parts_.end())
      append(part->second);
    else if (!is_part && seen_.insert(name).second)
      append(find_shader(name).text);
  }

  static std::string upper(std::string name) {
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return name;
  }

  const GeneratedParts& parts_;
  std::set<std::string> seen_;
};

}  // namespace

const EmbeddedShader& find_shader(std::string_view name) {
  for (const EmbeddedShader& shader : embedded_shaders())
    if (shader.name == name) return shader;
  fail("vulkan: this build has no shader named '{}'", name);
}

std::string assemble(std::string_view kernel, const GeneratedParts& parts) {
  Assembly assembly(parts);
  assembly.append(find_shader(kernel).text);
  return std::move(assembly.result);
}

}  // namespace trine::vulkan
