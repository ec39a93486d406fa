# SPDX-License-Identifier: MIT
# Breaks each article of the include law in a small tree and expects to be told which, and where.
#   cmake -D LAW=<check_layers.cmake> -D DIR=<scratch directory> -P bite.cmake
cmake_minimum_required(VERSION 3.25)

# A tree that keeps the law.
function(lawful)
    file(REMOVE_RECURSE "${DIR}")
    file(WRITE "${DIR}/include/memory_pages/memory_pages.hpp" "#include <memory_pages/pages.hpp>\n")
    file(WRITE "${DIR}/include/memory_pages/access.hpp" "#include <cstdint>\n")
    file(WRITE "${DIR}/include/memory_pages/error.hpp" "#include <memory_pages/access.hpp>\n")
    file(WRITE "${DIR}/include/memory_pages/pages.hpp"
        "#include <memory_pages/detail/mapping.hpp>\n#include <memory_pages/error.hpp>\n")
    file(WRITE "${DIR}/include/memory_pages/exec.hpp" "#include <memory_pages/pages.hpp>\n")
    file(WRITE "${DIR}/include/memory_pages/detail/check.hpp" "#include <memory_pages/config.hpp>\n")
    file(WRITE "${DIR}/include/memory_pages/detail/mapping.hpp" "#include <memory_pages/error.hpp>\n")
    file(WRITE "${DIR}/cmake/config.hpp.in" "#pragma once\n")
    file(WRITE "${DIR}/src/mapping.cpp"
        "#include <memory_pages/detail/mapping.hpp>\n#include \"os/os.hpp\"\n")
    file(WRITE "${DIR}/src/os/os.hpp" "#include <memory_pages/error.hpp>\n")
    file(WRITE "${DIR}/src/os/linux.cpp"
        "#include \"os/os.hpp\"\n#include <sys/mman.h>\n#ifdef __linux__\n#endif\n"
        "// not posix_madvise\n")
    file(WRITE "${DIR}/tests/os_contract_test.cpp" "#include \"os/os.hpp\"\n")
    file(WRITE "${DIR}/tests/fake_darwin/macos_test.cpp" "#include \"../../src/os/os.hpp\"\n")
    file(WRITE "${DIR}/tests/pages_test.cpp"
        "#include <memory_pages/pages.hpp>\n#include <sys/wait.h>\n")
endfunction()

set(wrong "")
function(run result output)
    execute_process(COMMAND "${CMAKE_COMMAND}" -D "ROOT=${DIR}" -P "${LAW}"
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
bites(${public}/pages.hpp "#include <os/os.hpp>" "may not include os/os.hpp")
bites(${public}/stray.hpp "#include <cstdint>" "is neither a word nor a thing")
bites(${public}/pages.hpp "# define X 1" "defines a macro")
bites(cmake/config.hpp.in "#define X 1" "defines a macro")
bites(${public}/pages.hpp "#if defined(_WIN32)" "asks for the platform")
bites(src/mapping.cpp "#include <unistd.h>" "includes unistd.h, and only")
bites(src/mapping.cpp "#include <memory_pages/pages.hpp>" "may not include memory_pages/pages.hpp")
bites(src/mapping.cpp "#ifdef __linux__" "asks for the platform")
bites(tests/pages_test.cpp "#if defined(__aarch64__)" "asks for the platform")
bites(examples/first.cpp "#elif _WIN32" "asks for the platform")
bites(src/os/linux.cpp "void f() {\n    int i = 0\;\n#ifdef __APPLE__\n#endif\n}" "asks for the platform within")
bites(src/os/linux.cpp "void f() {\n#ifdef __APPLE__\n    int i = 0\;\n#endif\n}" "asks for the platform within")
bites(src/os/os.hpp "#include <sys/mman.h>" "includes sys/mman.h, and only")
bites(src/os/linux.cpp "#include <memory_pages/pages.hpp>" "may not include memory_pages/pages.hpp")
bites(src/os/linux.cpp "auto* f = posix_madvise\;" "uses posix_madvise")
bites(tests/pages_test.cpp "#include \"os/os.hpp\"" "may not include os/os.hpp")
bites(tests/pages_test.cpp "#include \"../src/os/os.hpp\"" "may not include ../src/os/os.hpp")
bites(examples/first.cpp "#include <memory_pages/detail/mapping.hpp>" "may not include memory_pages/detail/mapping.hpp")

if(wrong)
    list(JOIN wrong "\n  " wrong)
    message(FATAL_ERROR "\n  ${wrong}")
endif()
