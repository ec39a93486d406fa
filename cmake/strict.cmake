# SPDX-License-Identifier: MIT
# Warnings for our own code, as errors from the compilers that are promised to give none. Link it
# PRIVATE: no user sees these flags.
#
# Left out: -Wuseless-cast (fires in templates, where a cast is useless for one T only) and
# -Wmissing-field-initializers (GCC's fires at designated initializers, which are meant to be short).

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
