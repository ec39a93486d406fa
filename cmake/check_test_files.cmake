# SPDX-License-Identifier: MIT
# The tests of a header are in the folder of tests/ that mirrors its own, in a file of its name:
# tests/memory_pages/<header>_test.cpp for each public header, tests/memory_pages/pages/<room>_test.cpp
# for each room. A file <header>_<part>_test.cpp may stand beside it. No others are there.
#   cmake -D ROOT=<source tree> -P check_test_files.cmake
cmake_minimum_required(VERSION 3.25)
cmake_path(ABSOLUTE_PATH ROOT NORMALIZE)

include("${CMAKE_CURRENT_LIST_DIR}/headers.cmake")
file(GLOB rooms RELATIVE "${ROOT}/include/memory_pages" "${ROOT}/include/memory_pages/pages/*.hpp")
list(TRANSFORM rooms REPLACE "[.]hpp$" "")
set(headers memory_pages ${value_headers} ${type_headers} ${opt_in_headers} ${rooms})

set(faults "")
foreach(header IN LISTS headers)
    if(NOT EXISTS "${ROOT}/tests/memory_pages/${header}_test.cpp")
        list(APPEND faults "include/memory_pages/${header}.hpp: has no tests/memory_pages/${header}_test.cpp")
    endif()
endforeach()

list(JOIN headers "|" any_header)
file(GLOB_RECURSE files RELATIVE "${ROOT}/tests/memory_pages" "${ROOT}/tests/memory_pages/*.cpp")
foreach(file IN LISTS files)
    if(NOT file MATCHES "^(${any_header})(_[a-z_]+)?_test[.]cpp$")
        list(APPEND faults "tests/memory_pages/${file}: is named after no header")
    endif()
endforeach()

if(faults)
    list(JOIN faults "\n  " faults)
    message(FATAL_ERROR "\n  ${faults}")
endif()
