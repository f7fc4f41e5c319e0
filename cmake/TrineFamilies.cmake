# Tables that no file holds: each file NAME.cpp of a folder defines its part of one as a function
# `std::vector<ITEM> NAME_PART()`, and the function that joins the parts is generated here. So what
# is added to the engine or a backend is added as a file.
#
# trine_join_families(TARGET FOLDER PART WHOLE ITEM SPACE HEADER) adds `const std::vector<ITEM>&
# WHOLE()`, in the namespace SPACE and declared by HEADER, to a library. FOLDER is relative to the
# project; its files are not added. With a file name behind the arguments, the families are the
# folders of FOLDER that hold such a file.
function(trine_join_families target folder part whole item space header)
  if(ARGN)
    file(GLOB files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${folder}/*/${ARGN})
    list(TRANSFORM files REPLACE "/${ARGN}$" "")
  else()
    file(GLOB files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${folder}/*.cpp)
  endif()
  set(declarations "")
  set(calls "")
  foreach(file ${files})
    get_filename_component(family ${file} NAME_WE)
    string(APPEND declarations "std::vector<${item}> ${family}_${part}();\n")
    list(APPEND calls "${family}_${part}()")
  endforeach()
  list(JOIN calls ", " calls)
  string(MAKE_C_IDENTIFIER ${folder} name)
  set(out ${CMAKE_CURRENT_BINARY_DIR}/${name}_${part}.cpp)
  configure_file(${PROJECT_SOURCE_DIR}/cmake/families.cpp.in ${out} @ONLY)
  target_sources(${target} PRIVATE ${out})
endfunction()
