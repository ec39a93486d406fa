# SPDX-License-Identifier: MIT
# Compiles each public header alone under an older standard: it is accepted, or refused in one line.
#   cmake -D CXX=<compiler> -D STANDARD=<17|20> -D INCLUDE=<dir> -D CONFIG=<dir> -D DIR=<scratch>
#         -P too_old.cmake
cmake_minimum_required(VERSION 3.25)

set(ENV{LC_ALL} C)
file(GLOB headers RELATIVE "${INCLUDE}" "${INCLUDE}/memory_pages/*.hpp")
set(refused 0)
foreach(header IN LISTS headers)
    set(source "${DIR}/too_old_${STANDARD}.cpp")
    file(WRITE "${source}" "#include <${header}>\n")
    execute_process(COMMAND "${CXX}" -std=c++${STANDARD} -fsyntax-only -I${INCLUDE} -I${CONFIG} "${source}"
        RESULT_VARIABLE status OUTPUT_QUIET ERROR_VARIABLE said)
    if(status EQUAL 0)
        continue()
    endif()
    math(EXPR refused "${refused} + 1")
    string(REGEX MATCHALL "error: [^\n]*" errors "${said}")
    list(LENGTH errors count)
    if(NOT count EQUAL 1 OR NOT errors MATCHES "memory_pages needs C[+][+]23: GCC 12 or Clang 19")
        message(SEND_ERROR "${header} under C++${STANDARD}: ${count} errors\n${said}")
    endif()
endforeach()
if(refused LESS 10)
    message(SEND_ERROR "only ${refused} headers need C++23: is C++${STANDARD} too old at all?")
endif()
