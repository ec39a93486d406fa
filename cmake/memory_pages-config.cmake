# SPDX-License-Identifier: MIT
# What find_package(memory_pages) reads.
include(CMakeFindDependencyMacro)
find_dependency(Threads)
include("${CMAKE_CURRENT_LIST_DIR}/memory_pages-targets.cmake")
