# The Vulkan backend: headers at build time, the loader only at run time. Kernels of shaders/ become
# SPIR-V here, are checked by spirv-val and embedded with their texts; variants with generated parts
# are compiled at run time by glslang, which is linked in.
#
# trine_add_vulkan(TARGET) adds the backend to a library, or leaves it out with a message where
# something is missing (TRINE_VULKAN=AUTO), or stops there (ON).
set(TRINE_VULKAN AUTO CACHE STRING "Build the Vulkan backend: AUTO, ON or OFF")

function(trine_add_vulkan target)
  if(TRINE_VULKAN STREQUAL "OFF")
    return()
  endif()
  find_path(TRINE_VULKAN_INCLUDE vulkan/vulkan.h)
  find_path(TRINE_GLSLANG_INCLUDE glslang/Public/ShaderLang.h)
  find_program(TRINE_GLSLANG glslangValidator)
  find_program(TRINE_SPIRV_VAL spirv-val)
  set(missing "")
  foreach(needed IN ITEMS "TRINE_VULKAN_INCLUDE:libvulkan-dev" "TRINE_GLSLANG_INCLUDE:glslang-dev"
          "TRINE_GLSLANG:glslang-tools" "TRINE_SPIRV_VAL:spirv-tools")
    string(REPLACE ":" ";" needed ${needed})
    list(GET needed 0 variable)
    list(GET needed 1 package)
    if(NOT ${variable})
      list(APPEND missing ${package})
    endif()
  endforeach()
  if(missing)
    list(JOIN missing ", " missing)
    if(TRINE_VULKAN STREQUAL "ON")
      message(FATAL_ERROR "The Vulkan backend needs the packages ${missing}")
    endif()
    message(STATUS "Vulkan backend left out: install ${missing} to have it")
    return()
  endif()

  # The static libraries of glslang call each other, and some exist only in some of its versions.
  set(libraries "")
  foreach(name IN ITEMS glslang glslang-default-resource-limits MachineIndependent GenericCodeGen
          OSDependent OGLCompiler SPIRV SPIRV-Tools-opt SPIRV-Tools)
    find_library(TRINE_LIBRARY_${name} ${name})
    mark_as_advanced(TRINE_LIBRARY_${name})
    if(TRINE_LIBRARY_${name})
      list(APPEND libraries ${TRINE_LIBRARY_${name}})
    endif()
  endforeach()

  trine_embed_shaders(embedded)
  file(GLOB sources CONFIGURE_DEPENDS
    ${PROJECT_SOURCE_DIR}/backends/vulkan/*.cpp ${PROJECT_SOURCE_DIR}/backends/vulkan/ops/*.cpp)
  trine_join_families(${target} backends/vulkan/ops kernels op_kernels OpKernel trine::vulkan
                      backends/vulkan/kernels.h)
  target_sources(${target} PRIVATE ${sources} ${embedded})
  target_include_directories(${target} SYSTEM PRIVATE ${TRINE_VULKAN_INCLUDE} ${TRINE_GLSLANG_INCLUDE})
  target_compile_definitions(${target} PUBLIC TRINE_HAS_VULKAN)
  target_link_libraries(${target} PRIVATE -Wl,--start-group ${libraries} -Wl,--end-group)
endfunction()

# Sets `result` to a source file that defines trine::vulkan::embedded_shaders().
function(trine_embed_shaders result)
  set(folder ${PROJECT_SOURCE_DIR}/shaders)
  set(out ${CMAKE_CURRENT_BINARY_DIR}/shaders)
  file(MAKE_DIRECTORY ${out})
  file(GLOB texts CONFIGURE_DEPENDS ${folder}/*.glsl ${folder}/*.comp)
  file(GLOB kernels CONFIGURE_DEPENDS RELATIVE ${folder} ${folder}/*.comp)
  set(modules "")
  foreach(kernel ${kernels})
    set(module ${out}/${kernel}.spv)
    add_custom_command(OUTPUT ${module}
      COMMAND ${TRINE_GLSLANG} --quiet -V --target-env vulkan1.2 --depfile ${module}.d
              -o ${module} ${folder}/${kernel}
      COMMAND ${TRINE_SPIRV_VAL} --target-env vulkan1.2 ${module}
      DEPENDS ${folder}/${kernel} DEPFILE ${module}.d
      COMMENT "Compiling shaders/${kernel}" VERBATIM)
    list(APPEND modules ${module})
  endforeach()
  set(embedded ${out}/embedded_shaders.cpp)
  set(script ${PROJECT_SOURCE_DIR}/cmake/EmbedShaders.cmake)
  add_custom_command(OUTPUT ${embedded}
    COMMAND ${CMAKE_COMMAND} "-DTEXTS=${texts}" -DMODULES=${out} -DOUT=${embedded} -P ${script}
    DEPENDS ${texts} ${modules} ${script} COMMENT "Embedding shaders" VERBATIM)
  set(${result} ${embedded} PARENT_SCOPE)
endfunction()
