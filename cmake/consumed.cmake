# SPDX-License-Identifier: MIT
# Use after a move or a change of permissions is an error where Clang compiles a target that links
# the library. How much of it, that target says in its property MEMORY_PAGES_CONSUMED:
#
#   (not set)   what is used after it was given up on every way there
#   strict      also after one way of several; parameters then need annotations (docs/safety.md)
#   off         nothing
#
# A property and not an option, since it is for each user to choose; and not a flag, since those of a
# library come after those of its user. Clang reads the attributes in the header, so strict targets
# find another header first: the same but for them.

set(asked $<LOWER_CASE:$<TARGET_PROPERTY:MEMORY_PAGES_CONSUMED>>)
target_compile_options(memory_pages INTERFACE
    "$<$<AND:$<COMPILE_LANG_AND_ID:CXX,Clang,AppleClang>,$<NOT:$<STREQUAL:${asked},off>>>:-Wconsumed;-Werror=consumed>")

set(strict_dir "${PROJECT_BINARY_DIR}/strict")
set(installed_strict_dir "${CMAKE_INSTALL_INCLUDEDIR}/memory_pages-strict")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS include/memory_pages/pages.hpp)
file(READ include/memory_pages/pages.hpp header)
string(REPLACE "consumable(unknown)" "consumable(unconsumed)" header "${header}")
string(REPLACE "callable_when(\"unknown\")" "callable_when(\"unconsumed\")" header "${header}")
file(CONFIGURE OUTPUT "${strict_dir}/memory_pages/pages.hpp" CONTENT "${header}" @ONLY)

set(if_strict "$<STREQUAL:${asked},strict>")
target_include_directories(memory_pages BEFORE INTERFACE
    "$<BUILD_INTERFACE:$<${if_strict}:${strict_dir}>>"
    "$<INSTALL_INTERFACE:$<${if_strict}:$<INSTALL_PREFIX>/${installed_strict_dir}>>")
install(FILES "${strict_dir}/memory_pages/pages.hpp"
    DESTINATION "${installed_strict_dir}/memory_pages")
