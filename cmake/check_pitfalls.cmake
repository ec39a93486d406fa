# SPDX-License-Identifier: MIT
# Every test that docs/pitfalls.md names exists.
#   cmake -D ROOT=... -P check_pitfalls.cmake
cmake_minimum_required(VERSION 3.25)

file(GLOB_RECURSE files "${ROOT}/tests/*_test.cpp")
set(tests "")
foreach(file IN LISTS files)
    file(READ "${file}" text)
    string(REGEX MATCHALL "TEST(_[FP])?\\([A-Za-z]+,[ \n]*[A-Za-z]+\\)" found "${text}")
    string(REGEX REPLACE "TEST(_[FP])?\\(([A-Za-z]+),[ \n]*([A-Za-z]+)\\)" "\\2.\\3" found "${found}")
    list(APPEND tests ${found})
endforeach()

file(READ "${ROOT}/docs/pitfalls.md" text)
string(REGEX MATCHALL "`[A-Z][A-Za-z]+\\.[A-Z][A-Za-z]+`" named "${text}")
foreach(name IN LISTS named)
    string(REPLACE "`" "" name "${name}")
    if(NOT name IN_LIST tests)
        message(SEND_ERROR "docs/pitfalls.md names ${name}, and there is no such test")
    endif()
endforeach()
list(LENGTH named count)
if(count EQUAL 0)
    message(SEND_ERROR "docs/pitfalls.md names no test")
endif()
