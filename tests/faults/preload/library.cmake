# libfail_calls.so, which the tests preload to the program. It stands in front of the C library, so
# nothing of it may be instrumented or fortified.
add_library(fail_calls SHARED ${PROJECT_SOURCE_DIR}/tests/faults/preload/fail_calls.cpp)
target_compile_options(fail_calls PRIVATE -O1 -fno-builtin -U_FORTIFY_SOURCE)
target_link_libraries(fail_calls PRIVATE trine_options ${CMAKE_DL_LIBS})
set_target_properties(fail_calls PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/faults)
add_dependencies(test_faults fail_calls dmd)
