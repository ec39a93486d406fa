# SPDX-License-Identifier: MIT
# Shortens the names that CMake gives to tests with parameters:
# `Suite.Test<Suite/Name.  # TypeParam = ...>` becomes `Suite/Name.Test`, and
# `Suite.Test/Name  # GetParam() = ...` becomes `Suite.Test/Name`.
#   cmake -D FILES=<list of CTest files, glob> -P shorten_test_names.cmake
cmake_minimum_required(VERSION 3.25)

file(GLOB files "${FILES}")
foreach(file IN LISTS files)
    file(READ "${file}" text)
    string(REGEX REPLACE "[A-Za-z0-9_]+[.]([A-Za-z0-9_]+)<([A-Za-z0-9_]+/[A-Za-z0-9_]+)[.] +# TypeParam = [^]\n]*>"
        "\\2.\\1" short "${text}")
    string(REGEX REPLACE "  # GetParam[(][)] = [^]\n]*\\]" "]" short "${short}")
    if(NOT short STREQUAL text)
        file(WRITE "${file}" "${short}")
    endif()
endforeach()
