# SPDX-License-Identifier: MIT
# The toolchain of a Debian cross compiler, named by `triplet`; with `clang` Clang compiles, which takes
# half the time, and links with its libraries. Programs are static and run under qemu-user.
set(CMAKE_SYSTEM_NAME Linux)
if(clang)
    set(CMAKE_CXX_COMPILER clang++-19)
    set(CMAKE_CXX_COMPILER_TARGET ${triplet})
    set(CMAKE_C_COMPILER clang-19)
    set(CMAKE_C_COMPILER_TARGET ${triplet})
    set(CMAKE_OBJDUMP ${triplet}-objdump)
else()
    set(CMAKE_CXX_COMPILER ${triplet}-g++)
    set(CMAKE_C_COMPILER ${triplet}-gcc) # GoogleTest is built from its sources
endif()
set(CMAKE_EXE_LINKER_FLAGS_INIT -static)
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-${CMAKE_SYSTEM_PROCESSOR})
# Finds programs of this machine, and headers and libraries of the other.
set(CMAKE_FIND_ROOT_PATH /usr/${triplet})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
