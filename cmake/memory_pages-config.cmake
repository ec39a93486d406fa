# SPDX-License-Identifier: MIT
# find_package(memory_pages) reads this file.
include(CMakeFindDependencyMacro)
find_dependency(Threads)
include("${CMAKE_CURRENT_LIST_DIR}/memory_pages-targets.cmake")
