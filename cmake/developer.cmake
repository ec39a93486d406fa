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

# The sources in `dir` that are for this system and calling convention, where a name ends in one.
function(sources_for_here result dir)
    file(GLOB sources CONFIGURE_DEPENDS "${dir}/*.cpp")
    file(GLOB here "${dir}/*_${os}.cpp" "${dir}/*_${calling_convention}.cpp")
    list(FILTER sources EXCLUDE REGEX
        "_(linux|macos|windows|x86_64|win64|aarch64|riscv64|ppc64le)[.]cpp$")
    set(${result} ${sources} ${here} PARENT_SCOPE)
endfunction()

foreach(room tests bench examples tour)
    add_subdirectory(${room})
endforeach()
