# SPDX-License-Identifier: MIT
set(CMAKE_SYSTEM_PROCESSOR ppc64le)
set(triplet powerpc64le-linux-gnu)
set(clang ON)
include("${CMAKE_CURRENT_LIST_DIR}/../debian_cross.cmake")
