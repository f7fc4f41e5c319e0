# cmake --install: the dmd program, the libraries with their headers, and a package so that another
# project says find_package(trine) and links trine::engine, trine::backends, trine::dmd (models,
# training, scoring) or trine::dmd_cli (the commands, for a program with models of its own).
include(CMakePackageConfigHelpers)
set(package ${CMAKE_INSTALL_LIBDIR}/cmake/trine)

install(TARGETS dmd RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})

set_target_properties(trine_engine PROPERTIES EXPORT_NAME engine)
set_target_properties(trine_backends PROPERTIES EXPORT_NAME backends)
set_target_properties(dmd_lib PROPERTIES EXPORT_NAME dmd)
set_target_properties(dmd_cli PROPERTIES EXPORT_NAME dmd_cli)
install(TARGETS trine_engine trine_backends dmd_lib dmd_cli EXPORT trineTargets
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT trineTargets NAMESPACE trine:: DESTINATION ${package})

# Sources say #include "engine/graph.h" here and in projects that use the library; the folder
# include/trine is what keeps such names apart from other libraries'. It is spelled out, as the
# engine's INSTALL_INTERFACE names the same one. Of the backends only the seam is public: a device
# is opened by its name.
install(DIRECTORY engine DESTINATION include/trine FILES_MATCHING PATTERN "*.h")
install(FILES backends/backend.h backends/precision.h backends/registry.h backends/session.h
        DESTINATION include/trine/backends)
install(FILES backends/conformance/conformance.h DESTINATION include/trine/backends/conformance)

install(DIRECTORY dmd DESTINATION include/trine FILES_MATCHING PATTERN "*.h" PATTERN cli EXCLUDE)
install(FILES dmd/cli/run.h DESTINATION include/trine/dmd/cli)

configure_package_config_file(cmake/trineConfig.cmake.in ${CMAKE_BINARY_DIR}/trineConfig.cmake
                              INSTALL_DESTINATION ${package}
                              NO_SET_AND_CHECK_MACRO NO_CHECK_REQUIRED_COMPONENTS_MACRO)
# Before 1.0 a minor version may change the interface.
write_basic_package_version_file(${CMAKE_BINARY_DIR}/trineConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/trineConfig.cmake ${CMAKE_BINARY_DIR}/trineConfigVersion.cmake
        DESTINATION ${package})
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})

if(TRINE_TESTS)
  add_test(NAME install.consumer
    COMMAND ${CMAKE_COMMAND} -DBUILD=${CMAKE_BINARY_DIR} -DCONFIG=$<CONFIG>
            -DGENERATOR=${CMAKE_GENERATOR} -DCOMPILER=${CMAKE_CXX_COMPILER}
            -DSANITIZE=${TRINE_SANITIZE} -P ${CMAKE_CURRENT_SOURCE_DIR}/tests/install/install_test.cmake)
  set_tests_properties(install.consumer PROPERTIES LABELS "install;slow" TIMEOUT 300)
endif()
