# SPDX-License-Identifier: MIT
# Warnings for the library, its tests and its tools. They are errors with GCC 12 and Clang 19, the oldest
# supported compilers. Link the target PRIVATE, so that users do not get these flags.
#
# Tests have casts that are useless for one type of a template, and short designated initializers. These
# warnings are off here, and on for the library: see tests/warnings/flags.cmake.

add_library(memory_pages_strict INTERFACE)
target_compile_options(memory_pages_strict INTERFACE
    -Wall -Wextra -Wpedantic
    -Wcast-align -Wcast-qual -Wconversion -Wdouble-promotion -Wextra-semi -Wformat=2
    -Wimplicit-fallthrough -Wmissing-declarations -Wnon-virtual-dtor -Wnull-dereference
    -Wold-style-cast -Woverloaded-virtual -Wshadow -Wsign-conversion -Wundef -Wunused
    -Wno-missing-field-initializers)
set(compiler ${CMAKE_CXX_COMPILER_ID}-${CMAKE_CXX_COMPILER_VERSION})
if(compiler MATCHES "^(GNU-12|Clang-19)[.]")
    target_compile_options(memory_pages_strict INTERFACE -Werror)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(memory_pages_strict INTERFACE
        -Wduplicated-branches -Wduplicated-cond -Wlogical-op -Wsuggest-override)
elseif(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    target_compile_options(memory_pages_strict INTERFACE
        -Wconsumed -Wdocumentation -Wrange-loop-analysis -Wsuggest-override)
endif()
