# libcuda.so.1 for tests: the driver's entry points over host memory and a copy of the kernels'
# emulation, of which nothing but the entry points shows. A second one lacks an entry point.
file(GLOB sources CONFIGURE_DEPENDS
  ${PROJECT_SOURCE_DIR}/tests/cuda_driver/driver/*.cpp ${PROJECT_SOURCE_DIR}/cuda/emulation/*.cpp)
add_library(cuda_driver_objects OBJECT ${sources})
target_include_directories(cuda_driver_objects PRIVATE ${PROJECT_SOURCE_DIR})
target_include_directories(cuda_driver_objects SYSTEM PRIVATE ${TRINE_CUDA_INCLUDE})
target_link_libraries(cuda_driver_objects PRIVATE fmt::fmt trine_options)

foreach(variant cuda_driver cuda_driver_old)
  string(REPLACE cuda_driver exports exports ${variant})
  set(map ${PROJECT_SOURCE_DIR}/tests/cuda_driver/driver/${exports}.map)
  add_library(${variant} SHARED $<TARGET_OBJECTS:cuda_driver_objects>)
  target_link_libraries(${variant} PRIVATE fmt::fmt trine_options)
  target_link_options(${variant} PRIVATE LINKER:--version-script=${map})
  set_target_properties(${variant} PROPERTIES OUTPUT_NAME cuda SUFFIX .so.1 LINK_DEPENDS ${map}
                        LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/${variant})
endforeach()

# The program looks there before anywhere else, so that a machine's own driver stays out of it.
add_dependencies(test_cuda_driver cuda_driver cuda_driver_old dmd)
set_target_properties(test_cuda_driver PROPERTIES BUILD_RPATH ${CMAKE_BINARY_DIR}/cuda_driver)
target_link_options(test_cuda_driver PRIVATE LINKER:--disable-new-dtags)
target_include_directories(test_cuda_driver SYSTEM PRIVATE ${TRINE_CUDA_INCLUDE})
# The header that names the emulated kernels is generated beside the backends.
target_include_directories(cuda_driver_objects PRIVATE ${PROJECT_BINARY_DIR}/backends/generated)
