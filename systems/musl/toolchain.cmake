# SPDX-License-Identifier: MIT
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
set(zig_target x86_64-linux-musl)
include("${CMAKE_CURRENT_LIST_DIR}/../zig/zig.cmake")
set(CMAKE_EXE_LINKER_FLAGS_INIT -static)
