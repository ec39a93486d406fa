# SPDX-License-Identifier: MIT
# Makes use after a move or a change of permissions an error for each target that links the library and
# is compiled by Clang. The target's property MEMORY_PAGES_CONSUMED says which uses:
#
#   (not set)   uses after a move on every path to them
#   strict      also after a move on one path of several. Parameters then need annotations
#               (docs/safety/use_after_move.md)
#   off         none
#
# It is a property so that each target can choose. A user's flag would not work, because the flags of a
# library come after those of its user. Clang reads the attributes in the headers, so strict targets
# find other headers first, which differ only in these attributes.

set(asked $<LOWER_CASE:$<TARGET_PROPERTY:MEMORY_PAGES_CONSUMED>>)
target_compile_options(memory_pages INTERFACE
    "$<$<AND:$<COMPILE_LANG_AND_ID:CXX,Clang,AppleClang>,$<NOT:$<STREQUAL:${asked},off>>>:-Wconsumed;-Werror=consumed>")

set(strict_dir "${PROJECT_BINARY_DIR}/strict")
set(installed_strict_dir "${CMAKE_INSTALL_INCLUDEDIR}/memory_pages-strict")
# All headers with these attributes: pages are composed of several classes, and all must have the same.
file(GLOB_RECURSE headers RELATIVE "${PROJECT_SOURCE_DIR}/include" CONFIGURE_DEPENDS
    "${PROJECT_SOURCE_DIR}/include/*.hpp")
foreach(name IN LISTS headers)
    file(READ "include/${name}" header)
    if(NOT header MATCHES "consumable\\(unknown\\)|callable_when\\(")
        continue()
    endif()
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "include/${name}")
    string(REPLACE "consumable(unknown)" "consumable(unconsumed)" header "${header}")
    string(REPLACE "callable_when(\"unknown\")" "callable_when(\"unconsumed\")" header "${header}")
    file(CONFIGURE OUTPUT "${strict_dir}/${name}" CONTENT "${header}" @ONLY)
    cmake_path(GET name PARENT_PATH folder)
    install(FILES "${strict_dir}/${name}" DESTINATION "${installed_strict_dir}/${folder}")
endforeach()

set(if_strict "$<STREQUAL:${asked},strict>")
target_include_directories(memory_pages BEFORE INTERFACE
    "$<BUILD_INTERFACE:$<${if_strict}:${strict_dir}>>"
    "$<INSTALL_INTERFACE:$<${if_strict}:$<INSTALL_PREFIX>/${installed_strict_dir}>>")
