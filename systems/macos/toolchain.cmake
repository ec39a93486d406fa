# SPDX-License-Identifier: MIT
# What both processors share. Nothing here runs what is built.
set(CMAKE_SYSTEM_NAME Darwin)
include("${CMAKE_CURRENT_LIST_DIR}/../zig/zig.cmake")
# Zig has the headers, the list of the system's symbols and the linker: neither Xcode's SDK nor its
# tools are asked for.
set(CMAKE_OSX_SYSROOT "")
set(CMAKE_OSX_ARCHITECTURES "")
set(CMAKE_INSTALL_NAME_TOOL true)
