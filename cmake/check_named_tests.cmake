# SPDX-License-Identifier: MIT
# Every test that a document names exists: `Suite.Test`, or a program that must or must not compile,
# `its_name.cpp`.
#   cmake -D ROOT=... -D DOCUMENT=docs/... -P check_named_tests.cmake
cmake_minimum_required(VERSION 3.25)

file(GLOB_RECURSE files "${ROOT}/tests/*_test.cpp")
set(tests "")
foreach(file IN LISTS files)
    file(READ "${file}" text)
    string(REGEX MATCHALL "TEST(_[FP])?\\([A-Za-z]+,[ \n]*[A-Za-z]+\\)" found "${text}")
    string(REGEX REPLACE "TEST(_[FP])?\\(([A-Za-z]+),[ \n]*([A-Za-z]+)\\)" "\\2.\\3" found "${found}")
    list(APPEND tests ${found})
endforeach()
file(GLOB programs RELATIVE "${ROOT}/tests/must_not_compile" "${ROOT}/tests/must_not_compile/*.cpp")
list(APPEND tests ${programs})
file(GLOB_RECURSE programs "${ROOT}/tests/must_compile/*.cpp")
foreach(program IN LISTS programs)
    cmake_path(GET program FILENAME name)
    list(APPEND tests ${name})
endforeach()

file(READ "${ROOT}/${DOCUMENT}" text)
string(REGEX MATCHALL "`([A-Z][A-Za-z]+\\.[A-Z][A-Za-z]+|[a-z_]+\\.cpp)`" named "${text}")
foreach(name IN LISTS named)
    string(REPLACE "`" "" name "${name}")
    if(NOT name IN_LIST tests)
        message(SEND_ERROR "${DOCUMENT} names ${name}, and there is no such test")
    endif()
endforeach()
list(LENGTH named count)
if(count EQUAL 0)
    message(SEND_ERROR "${DOCUMENT} names no test")
endif()
