# SPDX-License-Identifier: MIT
# Breaks each article of the include law in a small tree and expects to be told which, and where.
#   cmake -D LAW=<check_layers.cmake> -D DIR=<scratch directory> -P bite.cmake
cmake_minimum_required(VERSION 3.25)

# A tree that keeps the law.
function(lawful)
    file(REMOVE_RECURSE "${DIR}")
    file(WRITE "${DIR}/include/memory_pages/memory_pages.hpp" "#include <memory_pages/access.hpp>\n"
        "#include <memory_pages/error.hpp>\n#include <memory_pages/pages.hpp>\n")
    file(WRITE "${DIR}/include/memory_pages/access.hpp" "#include <cstdint>\n")
    file(WRITE "${DIR}/include/memory_pages/error.hpp" "#include <memory_pages/access.hpp>\n")
    file(WRITE "${DIR}/include/memory_pages/pages.hpp"
        "#include <memory_pages/detail/mapping.hpp>\n#include <memory_pages/error.hpp>\n"
        "#include <memory_pages/pages/bytes.hpp>\n")
    file(WRITE "${DIR}/include/memory_pages/pages/bytes.hpp"
        "#include <memory_pages/detail/mapping.hpp>\n#include <memory_pages/error.hpp>\n")
    file(WRITE "${DIR}/include/memory_pages/exec.hpp" "#include <memory_pages/pages.hpp>\n")
    file(WRITE "${DIR}/include/memory_pages/detail/check.hpp" "#include <memory_pages/config.hpp>\n")
    file(WRITE "${DIR}/include/memory_pages/detail/mapping.hpp" "#include <memory_pages/error.hpp>\n")
    file(WRITE "${DIR}/cmake/config.hpp.in" "#pragma once\n")
    file(WRITE "${DIR}/src/owners/mapping.cpp"
        "#include <memory_pages/detail/mapping.hpp>\n#include \"os/memory.hpp\"\n")
    file(WRITE "${DIR}/src/verbs/verbs.cpp"
        "#include \"verbs/ranges.hpp\"\n#include <memory_pages/detail/core_error.hpp>\n#include \"os/memory.hpp\"\n")
    file(WRITE "${DIR}/src/os/memory.hpp"
        "#include <memory_pages/error.hpp>\n#include \"os/types.hpp\"\n")
    file(WRITE "${DIR}/src/cpu/clear_generic.cpp" "#include \"cpu/clear.hpp\"\n#ifdef __linux__\n#endif\n")
    file(WRITE "${DIR}/src/os/windows/memory.cpp" "#include \"os/windows/api.hpp\"\n")
    file(WRITE "${DIR}/src/os/linux/memory.cpp"
        "#include \"cpu/clear.hpp\"\n#include \"os/linux/kernel_files/file.hpp\"\n"
        "#include \"os/memory.hpp\"\n#include \"os/posix/calls.hpp\"\n"
        "#include <sys/mman.h>\n#ifdef __linux__\n#endif\n"
        "// not posix_madvise\n")
    file(WRITE "${DIR}/tests/contract/memory_test.cpp" "#include \"os/memory.hpp\"\n")
    file(WRITE "${DIR}/tests/fake_darwin/macos_test.cpp" "#include \"../../src/os/memory.hpp\"\n")
    file(WRITE "${DIR}/tests/memory_pages/pages_test.cpp"
        "#include <memory_pages/pages.hpp>\n#include <sys/wait.h>\n")
endfunction()

set(wrong "")
function(run result output)
    execute_process(COMMAND "${CMAKE_COMMAND}" -D ROOT=. -P "${LAW}"
        WORKING_DIRECTORY "${DIR}"
        RESULT_VARIABLE status ERROR_VARIABLE said OUTPUT_QUIET)
    string(REGEX REPLACE "[ \n]+" " " said "${said}")
    set(${result} "${status}" PARENT_SCOPE)
    set(${output} "${said}" PARENT_SCOPE)
endfunction()

# Adds one line to one file of the lawful tree: the law must name the file and what is wrong.
function(bites file line expected)
    lawful()
    file(APPEND "${DIR}/${file}" "${line}\n")
    run(status said)
    if(status EQUAL 0 OR NOT said MATCHES "${file}: ${expected}")
        list(APPEND wrong "'${line}' in ${file}: expected '${expected}', got ${status} '${said}'")
        set(wrong "${wrong}" PARENT_SCOPE)
    endif()
endfunction()

lawful()
run(status said)
if(NOT status EQUAL 0)
    message(FATAL_ERROR "a lawful tree is refused: ${said}")
endif()

set(public include/memory_pages)
bites(${public}/access.hpp "#include <memory_pages/error.hpp>" "may not include memory_pages/error.hpp")
bites(${public}/error.hpp "#include <memory_pages/pages.hpp>" "may not include memory_pages/pages.hpp")
bites(${public}/error.hpp "#include <memory_pages/detail/check.hpp>" "may not include memory_pages/detail/check.hpp")
bites(${public}/detail/mapping.hpp "#include <memory_pages/pages.hpp>" "may not include memory_pages/pages.hpp")
bites(${public}/detail/mapping.hpp "#include <memory_pages/config.hpp>" "may not include memory_pages/config.hpp")
bites(${public}/pages.hpp "#include <memory_pages/exec.hpp>" "may not include memory_pages/exec.hpp")
bites(${public}/memory_pages.hpp "#include <memory_pages/exec.hpp>" "may not include memory_pages/exec.hpp")
bites(${public}/pages.hpp "#include <sys/mman.h>" "includes sys/mman.h, and only")
bites(${public}/pages.hpp "#include <os/memory.hpp>" "may not include os/memory.hpp")
bites(${public}/pages/bytes.hpp "#include <memory_pages/pages.hpp>" "may not include memory_pages/pages.hpp")
bites(${public}/pages/bytes.hpp "#include <memory_pages/pages/hints.hpp>" "may not include memory_pages/pages/hints.hpp")
bites(${public}/exec.hpp "#include <memory_pages/pages/bytes.hpp>" "may not include memory_pages/pages/bytes.hpp")
bites(${public}/pages.hpp "#include <memory_pages needs C++23>" "includes memory_pages needs C\\+\\+23, and only")
bites(${public}/stray.hpp "#include <cstdint>" "is in no layer")
lawful()
file(WRITE "${DIR}/${public}/advice.hpp" "")
run(status said)
if(status EQUAL 0 OR NOT said MATCHES "memory_pages.hpp: does not include advice.hpp")
    list(APPEND wrong "a header that memory_pages.hpp lacks: got ${status} '${said}'")
endif()
bites(${public}/pages.hpp "# define X 1" "defines a macro")
bites(cmake/config.hpp.in "#define X 1" "defines a macro")
bites(${public}/pages.hpp "#if defined(_WIN32)" "has an #if on the platform")
bites(src/owners/mapping.cpp "#include <unistd.h>" "includes unistd.h, and only")
bites(src/owners/mapping.cpp "#include <memory_pages/pages.hpp>" "may not include memory_pages/pages.hpp")
bites(src/owners/mapping.cpp "#ifdef __linux__" "has an #if on the platform")
bites(tests/memory_pages/pages_test.cpp "#if defined(__aarch64__)" "has an #if on the platform")
bites(examples/first.cpp "#elif _WIN32" "has an #if on the platform")
bites(src/os/linux/memory.cpp "void f() {\n    int i = 0\;\n#ifdef __APPLE__\n#endif\n}" "has an #if on the platform within")
bites(src/os/linux/memory.cpp "void f() {\n#ifdef __APPLE__\n    int i = 0\;\n#endif\n}" "has an #if on the platform within")
bites(src/os/linux/memory.cpp "#include \"os/macos/calls.hpp\"" "may not include os/macos/calls.hpp")
bites(src/os/windows/memory.cpp "#include \"os/posix/calls.hpp\"" "may not include os/posix/calls.hpp")
bites(src/os/shared.hpp "#include \"os/posix/calls.hpp\"" "may not include os/posix/calls.hpp")
bites(src/cpu/clear_generic.cpp "#include \"os/memory.hpp\"" "may not include os/memory.hpp")
bites(src/os/memory.hpp "#include \"os/shared.hpp\"" "may not include os/shared.hpp")
bites(src/owners/mapping.cpp "#include \"os/shared.hpp\"" "may not include os/shared.hpp")
bites(src/owners/mapping.cpp "#include \"os/linux/errors.hpp\"" "may not include os/linux/errors.hpp")
bites(src/owners/mapping.cpp "#include \"cpu/clear.hpp\"" "may not include cpu/clear.hpp")
bites(src/verbs/verbs.cpp "#include <memory_pages/detail/mapping.hpp>" "may not include memory_pages/detail/mapping.hpp")
bites(src/verbs/verbs.cpp "#include \"tracking/page_set.hpp\"" "may not include tracking/page_set.hpp")
bites(src/verbs/verbs.cpp "#include \"pool/state.hpp\"" "may not include pool/state.hpp")
bites(tests/memory_pages/pages_test.cpp "#include \"cpu/icache.hpp\"" "may not include cpu/icache.hpp")
bites(src/os/memory.hpp "#include <sys/mman.h>" "includes sys/mman.h, and only")
bites(src/os/linux/memory.cpp "#include <memory_pages/pages.hpp>" "may not include memory_pages/pages.hpp")
bites(src/os/linux/memory.cpp "auto* f = posix_madvise\;" "uses posix_madvise")
bites(tests/memory_pages/pages_test.cpp "#include \"os/memory.hpp\"" "may not include os/memory.hpp")
bites(tests/memory_pages/pages_test.cpp "#include \"../src/os/memory.hpp\"" "may not include ../src/os/memory.hpp")
bites(examples/first.cpp "#include <memory_pages/detail/mapping.hpp>" "may not include memory_pages/detail/mapping.hpp")
bites(examples/first.cpp "#include <memory_pages/pages/bytes.hpp>" "may not include memory_pages/pages/bytes.hpp")

if(wrong)
    list(JOIN wrong "\n  " wrong)
    message(FATAL_ERROR "\n  ${wrong}")
endif()
