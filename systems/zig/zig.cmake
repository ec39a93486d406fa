# SPDX-License-Identifier: MIT
# Zig as the compiler for `zig_target`. fetch_zig of zig.sh says where it is.
if("$ENV{MEMORY_PAGES_ZIG}" STREQUAL "")
    message(FATAL_ERROR "Only ./dev can build for ${zig_target}: it fetches the compiler")
endif()
set(zig "${CMAKE_CURRENT_LIST_DIR}")
# Zig alone would add a sanitizer to what is not optimised, which only traps.
set(CMAKE_CXX_COMPILER "${zig}/c++;-target;${zig_target};-fno-sanitize=all")
set(CMAKE_C_COMPILER "${zig}/cc;-target;${zig_target};-fno-sanitize=all") # GoogleTest asks for one
set(CMAKE_AR "${zig}/ar")
set(CMAKE_RANLIB "${zig}/ranlib")
# Nothing of this machine is for the other: its libraries and headers come with zig.
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
