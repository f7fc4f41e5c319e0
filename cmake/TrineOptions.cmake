# Compile and link options that every target of the project shares.
find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Without this it would not keep objects that use a precompiled header.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE_PROGRAM})
endif()

add_library(trine_options INTERFACE)
target_compile_options(trine_options INTERFACE -Wall -Wextra -Wshadow -Wnon-virtual-dtor
                       -Wno-missing-field-initializers
                       $<$<BOOL:${TRINE_WERROR}>:-Werror>)
# g++ 12 takes some string concatenations at -O3 for copies that overlap or pass the string's end (GCC
# bug 105651); which ones depends on the length of paths.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(trine_options INTERFACE
    "$<$<BOOL:${TRINE_WERROR}>:-Wno-error=restrict;-Wno-error=array-bounds;-Wno-error=stringop-overflow>")
endif()
# A product and a sum round alike in every build, so that equal seeds give equal bits; kernels that
# are compiled once an instruction set choose for themselves.
target_compile_options(trine_options INTERFACE
  $<$<NOT:$<BOOL:$<TARGET_PROPERTY:TRINE_KERNELS>>>:-ffp-contract=off>)
if(TRINE_SANITIZE)
  target_compile_options(trine_options INTERFACE -fsanitize=${TRINE_SANITIZE}
                         -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(trine_options INTERFACE -fsanitize=${TRINE_SANITIZE})
endif()

# trine_precompile(TARGET HEADER...): compiles the headers that nearly every file of a library reads
# once, with those that are given here; reading them anew takes a third of the time of a file.
function(trine_precompile target)
  target_precompile_headers(${target} PRIVATE <algorithm> <array> <cmath> <cstdint> <filesystem>
                            <functional> <map> <memory> <optional> <span> <string> <string_view>
                            <utility> <variant> <vector> <fmt/format.h> ${ARGN})
endfunction()
