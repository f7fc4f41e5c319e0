# The CUDA backend. Its host side over a machine, and the emulation that tests kernels without a GPU,
# are always built. Where nvcc is found, the .cu files of cuda/ become fatbins that are embedded with
# the kernels' texts, and the part that drives GPUs is built. Only headers of the toolkit are needed
# to link: the driver and NVRTC are opened at run time.
#
# trine_add_cuda(TARGET) adds all this to a library.
set(TRINE_CUDA AUTO CACHE STRING "Build the CUDA backend: AUTO, ON or OFF")

# Sets `result` to a source file that defines trine::cuda::embedded_fatbins() and _sources().
function(trine_embed_cuda result)
  # PTX of the oldest architecture serves every GPU that has no machine code of its own.
  if(CMAKE_CUDA_ARCHITECTURES)
    set(architectures ${CMAKE_CUDA_ARCHITECTURES})
  else()
    set(architectures 75 90-real 120)
  endif()
  set(codes "")
  foreach(architecture IN LISTS architectures)
    if(architecture STREQUAL "native")
      list(APPEND codes -arch=native)
    elseif(architecture MATCHES "^([0-9]+[af]?)-real$")
      list(APPEND codes "-gencode=arch=compute_${CMAKE_MATCH_1},code=sm_${CMAKE_MATCH_1}")
    elseif(architecture MATCHES "^([0-9]+[af]?)-virtual$")
      list(APPEND codes "-gencode=arch=compute_${CMAKE_MATCH_1},code=compute_${CMAKE_MATCH_1}")
    elseif(architecture MATCHES "^[0-9]+[af]?$")
      list(APPEND codes
           "-gencode=arch=compute_${architecture},code=[compute_${architecture},sm_${architecture}]")
    else()
      message(FATAL_ERROR "CMAKE_CUDA_ARCHITECTURES: '${architecture}' is not an architecture; write "
                          "numbers such as 90, 90-real or 90-virtual, or native")
    endif()
  endforeach()

  set(out ${CMAKE_CURRENT_BINARY_DIR}/cuda)
  file(MAKE_DIRECTORY ${out})
  file(GLOB texts CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/cuda/*.cuh ${PROJECT_SOURCE_DIR}/cuda/*.cu)
  file(GLOB kernels CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/cuda/*.cu)
  set(TRINE_EMBEDDED_DATA "")
  set(TRINE_EMBEDDED_FATBINS "")
  set(TRINE_EMBEDDED_SOURCES "")
  set(fatbins "")
  foreach(kernel IN LISTS kernels)
    get_filename_component(name ${kernel} NAME_WE)
    set(fatbin ${out}/${name}.fatbin)
    add_custom_command(
      OUTPUT ${fatbin}
      COMMAND ${TRINE_NVCC} -std=c++17 -I${PROJECT_SOURCE_DIR} --Werror all-warnings ${codes} -fatbin
              -MD -MF ${fatbin}.d -MT ${fatbin} -o ${fatbin} ${kernel}
      DEPENDS ${kernel} DEPFILE ${fatbin}.d
      COMMENT "nvcc cuda/${name}.cu" VERBATIM)
    list(APPEND fatbins ${fatbin})
    string(APPEND TRINE_EMBEDDED_DATA "TRINE_EMBED(fatbin_${name}, \"${fatbin}\")\n")
    string(APPEND TRINE_EMBEDDED_FATBINS "    TRINE_EMBEDDED(\"${name}\", fatbin_${name}),\n")
  endforeach()
  foreach(text IN LISTS texts)
    get_filename_component(file ${text} NAME)
    string(MAKE_C_IDENTIFIER ${file} symbol)
    string(APPEND TRINE_EMBEDDED_DATA "TRINE_EMBED(text_${symbol}, \"${text}\")\n")
    string(APPEND TRINE_EMBEDDED_SOURCES "    TRINE_EMBEDDED(\"cuda/${file}\", text_${symbol}),\n")
  endforeach()
  configure_file(${PROJECT_SOURCE_DIR}/backends/cuda/gpu/embedded.cpp.in ${out}/embedded.cpp @ONLY)
  set_source_files_properties(${out}/embedded.cpp PROPERTIES OBJECT_DEPENDS "${fatbins};${texts}")
  set(${result} ${out}/embedded.cpp PARENT_SCOPE)
endfunction()

# Gives the emulation a header that includes every kernel of cuda/.
function(trine_include_kernels target)
  file(GLOB kernels CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/cuda/*.cu)
  list(TRANSFORM kernels REPLACE "(.+)" "#include \"\\1\"\n")
  string(CONCAT includes ${kernels})
  set(out ${CMAKE_CURRENT_BINARY_DIR}/generated)
  file(CONFIGURE OUTPUT ${out}/trine_cuda_kernels.h CONTENT "${includes}" @ONLY)
  target_include_directories(${target} PUBLIC $<BUILD_INTERFACE:${out}>)
endfunction()

function(trine_add_cuda target)
  file(GLOB sources CONFIGURE_DEPENDS
    ${PROJECT_SOURCE_DIR}/backends/cuda/*.cpp ${PROJECT_SOURCE_DIR}/backends/cuda/ops/*.cpp
    ${PROJECT_SOURCE_DIR}/cuda/emulation/*.cpp)
  target_sources(${target} PRIVATE ${sources})
  trine_join_families(${target} backends/cuda/ops kernels op_kernels OpKernel trine::cuda
                      backends/cuda/build.h)
  trine_include_kernels(${target})
  if(TRINE_CUDA STREQUAL "OFF")
    return()
  endif()
  find_program(TRINE_NVCC nvcc HINTS ENV CUDA_PATH ENV CUDAToolkit_ROOT /usr/local/cuda
               PATH_SUFFIXES bin)
  if(TRINE_NVCC)
    get_filename_component(toolkit ${TRINE_NVCC} REALPATH)
    get_filename_component(toolkit ${toolkit} DIRECTORY)
    find_path(TRINE_CUDA_INCLUDE cuda.h HINTS ${toolkit}/../include ${toolkit}/../targets/x86_64-linux/include)
  endif()
  if(NOT TRINE_NVCC OR NOT TRINE_CUDA_INCLUDE)
    if(TRINE_CUDA STREQUAL "ON")
      message(FATAL_ERROR "The CUDA backend needs nvcc and cuda.h: install the CUDA toolkit")
    endif()
    message(STATUS "CUDA backend left out: there is no nvcc; install the CUDA toolkit to have it")
    return()
  endif()
  trine_embed_cuda(embedded)
  file(GLOB gpu_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/backends/cuda/gpu/*.cpp)
  target_sources(${target} PRIVATE ${gpu_sources} ${embedded})
  target_include_directories(${target} SYSTEM PRIVATE ${TRINE_CUDA_INCLUDE})
  target_compile_definitions(${target} PUBLIC TRINE_HAS_CUDA)
endfunction()
