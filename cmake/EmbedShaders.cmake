# cmake -DTEXTS=FILES -DMODULES=FOLDER -DOUT=FILE -P EmbedShaders.cmake
# Writes a C++ source with every text, and the SPIR-V that MODULES holds for it as NAME.spv.
set(arrays "")
set(entries "")
foreach(path ${TEXTS})
  get_filename_component(name ${path} NAME)
  string(MAKE_C_IDENTIFIER ${name} identifier)
  file(READ ${path} text)
  string(APPEND arrays "constexpr std::string_view text_${identifier} = R\"glsl(${text})glsl\";\n")
  set(words "{}")
  if(EXISTS ${MODULES}/${name}.spv)
    file(READ ${MODULES}/${name}.spv hex HEX)
    # SPIR-V words are little-endian in the file.
    string(REGEX REPLACE "(..)(..)(..)(..)" "0x\\4\\3\\2\\1," hex "${hex}")
    string(APPEND arrays "constexpr std::uint32_t words_${identifier}[] = {${hex}};\n")
    set(words "words_${identifier}")
  endif()
  string(APPEND entries "    {\"${name}\", text_${identifier}, ${words}},\n")
endforeach()
file(WRITE ${OUT} "// Made by the build from shaders/.
#include \"backends/vulkan/shaders.h\"

namespace trine::vulkan {
namespace {

${arrays}
constexpr EmbeddedShader kShaders[] = {
${entries}};

}  // namespace

std::span<const EmbeddedShader> embedded_shaders() { return kShaders; }

}  // namespace trine::vulkan
")
