# SPDX-License-Identifier: MIT
set(CMAKE_SYSTEM_PROCESSOR arm64)
set(zig_target aarch64-macos)
include("${CMAKE_CURRENT_LIST_DIR}/toolchain.cmake")
