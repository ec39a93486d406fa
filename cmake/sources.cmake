# SPDX-License-Identifier: MIT
# The sources of the library, found by folder: a new file is compiled without being named. Paths
# start at the root of the project.

file(GLOB_RECURSE memory_pages_sources RELATIVE "${PROJECT_SOURCE_DIR}" CONFIGURE_DEPENDS
    "${PROJECT_SOURCE_DIR}/src/*.cpp")

# The core, between the owners and the system. It needs no C++ run-time library, but on macOS for a
# wait.
set(memory_pages_base ${memory_pages_sources})
list(FILTER memory_pages_base INCLUDE REGEX "^src/(tracking|verbs)/")
list(APPEND memory_pages_base
    src/advice.cpp src/borrow.cpp src/check.cpp src/feature.cpp src/huge_pages.cpp src/page_size.cpp
    src/writing_code.cpp src/owners/address_space.cpp
    src/os/poison.cpp) # what sanitizers ask for is the same over a fake system

# Everything above the system, the core included: the fault tests link the same files with a fake
# system below.
set(memory_pages_core ${memory_pages_sources})
list(FILTER memory_pages_core EXCLUDE REGEX "^src/(os|cpu)/")
list(APPEND memory_pages_core src/os/poison.cpp)

# memory_pages_system_sources(RESULT SYSTEM): everything below, for the processor `cpu`. Stops where
# a system or a processor is unknown.
function(memory_pages_system_sources result system)
    set(folder ${system})
    set(shared src/os/heap.cpp)
    if(NOT system STREQUAL windows)
        set(folder "${system}|posix")
    endif()
    if(NOT system STREQUAL macos)
        list(APPEND shared src/cpu/icache_${cpu}.cpp) # macOS has a call for that
    endif()
    if(NOT system STREQUAL linux)
        list(APPEND shared src/os/uncommitted_guards.cpp) # Linux has marks for guards
    endif()
    # The C library's own way to clear memory is the fastest elsewhere.
    set(clear src/cpu/clear_${cpu}.cpp)
    if(NOT clear IN_LIST memory_pages_sources)
        set(clear src/cpu/clear_generic.cpp)
    endif()
    list(APPEND shared ${clear})

    set(missing ${shared})
    list(REMOVE_ITEM missing ${memory_pages_sources})
    if(NOT memory_pages_sources MATCHES "(^|;)src/os/${system}/")
        set(missing src/os/${system})
    endif()
    if(missing)
        message(FATAL_ERROR "memory_pages does not run on ${CMAKE_SYSTEM_NAME} ${CMAKE_SYSTEM_PROCESSOR}: no ${missing}")
    endif()
    set(found ${memory_pages_sources})
    list(FILTER found INCLUDE REGEX "^src/os/(${folder})/")
    set(${result} ${found} ${shared} PARENT_SCOPE)
endfunction()
