# Filled by the installation step: the library, its headers, the CMake package and the program.
install(TARGETS dmd RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
