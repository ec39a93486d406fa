# SPDX-License-Identifier: MIT
# The developers' flags, tests, benchmarks, examples and tour. Users of the library do not get them.

enable_testing()
include(cmake/strict.cmake)
set(CMAKE_CXX_EXTENSIONS OFF)

target_link_libraries(memory_pages PRIVATE $<BUILD_INTERFACE:memory_pages_strict>)
# Target all_verify_interface_header_sets compiles every public header alone.
set_property(TARGET memory_pages PROPERTY VERIFY_INTERFACE_HEADER_SETS ON)

# The calling convention is named after the processor, except on Windows on x86-64.
set(calling_convention ${cpu})
if(os STREQUAL windows AND cpu STREQUAL x86_64)
    set(calling_convention win64)
endif()

# The suffixes of files, and names of folders, that are for one kind of system or processor. posix is for
# all POSIX systems.
set(kinds linux macos windows posix x86_64 win64 aarch64 riscv64 ppc64le)
set(kinds_here ${os} ${calling_convention})
if(NOT os STREQUAL windows)
    list(APPEND kinds_here posix)
endif()

# The sources in `dir` for this system: those without a suffix of `kinds`, or with one of `kinds_here`.
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
