# SPDX-License-Identifier: MIT
# Our own flags, tests, benchmarks, examples and tour. A user of the library gets none of it.

enable_testing()
include(cmake/strict.cmake)
set(CMAKE_CXX_EXTENSIONS OFF)

target_link_libraries(memory_pages PRIVATE $<BUILD_INTERFACE:memory_pages_strict>)
# Target all_verify_interface_header_sets compiles every public header alone.
set_property(TARGET memory_pages PROPERTY VERIFY_INTERFACE_HEADER_SETS ON)

# Who passes arguments where: that of the processor, but for Windows on x86-64.
set(calling_convention ${cpu})
if(os STREQUAL windows AND cpu STREQUAL x86_64)
    set(calling_convention win64)
endif()

# What the end of a file's name, or a folder's name, says it is for. posix is for all that have it.
set(kinds linux macos windows posix x86_64 win64 aarch64 riscv64 ppc64le)
set(kinds_here ${os} ${calling_convention})
if(NOT os STREQUAL windows)
    list(APPEND kinds_here posix)
endif()

# The sources in `dir` that are for here, where a name ends in one of the kinds.
function(sources_for_here result dir)
    file(GLOB sources CONFIGURE_DEPENDS "${dir}/*.cpp")
    list(JOIN kinds "|" any)
    list(JOIN kinds_here "|" here)
    foreach(source IN LISTS sources)
        if(source MATCHES "_(${any})[.]cpp$" AND NOT source MATCHES "_(${here})[.]cpp$")
            list(REMOVE_ITEM sources "${source}")
        endif()
    endforeach()
    set(${result} ${sources} PARENT_SCOPE)
endfunction()

foreach(room tests bench examples tour)
    add_subdirectory(${room})
endforeach()
