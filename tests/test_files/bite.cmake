# SPDX-License-Identifier: MIT
# Breaks each rule of check_test_files.cmake in a small tree and expects to be told so.
#   cmake -D LAW=<check_test_files.cmake> -D DIR=<scratch directory> -P bite.cmake
cmake_minimum_required(VERSION 3.25)

cmake_path(GET LAW PARENT_PATH folder)
include("${folder}/headers.cmake")
set(wrong "")

# Writes a tree that keeps the rules.
function(lawful)
    file(REMOVE_RECURSE "${DIR}")
    file(WRITE "${DIR}/include/memory_pages/pages/bytes.hpp" "")
    foreach(name memory_pages ${value_headers} ${type_headers} ${opt_in_headers} pages/bytes pages_owner)
        file(WRITE "${DIR}/tests/memory_pages/${name}_test.cpp" "")
    endforeach()
endfunction()

# Expects `what` in the output, or success where `what` is empty.
function(expect what)
    execute_process(COMMAND "${CMAKE_COMMAND}" -D ROOT=. -P "${LAW}"
        WORKING_DIRECTORY "${DIR}"
        RESULT_VARIABLE status OUTPUT_QUIET ERROR_VARIABLE said)
    string(REGEX REPLACE "[ \n]+" " " said "${said}")
    string(FIND "${said}" "${what}" at)
    if((what STREQUAL "" AND NOT status EQUAL 0) OR
            (NOT what STREQUAL "" AND (status EQUAL 0 OR at EQUAL -1)))
        set(wrong "${wrong}\n  expected '${what}', got ${status} '${said}'" PARENT_SCOPE)
    endif()
endfunction()

lawful()
expect("")

file(REMOVE "${DIR}/tests/memory_pages/access_test.cpp")
expect("include/memory_pages/access.hpp: has no tests/memory_pages/access_test.cpp")

lawful()
file(REMOVE "${DIR}/tests/memory_pages/pages_test.cpp")
expect("include/memory_pages/pages.hpp: has no tests/memory_pages/pages_test.cpp")

lawful()
file(WRITE "${DIR}/include/memory_pages/pages/hints.hpp" "")
expect("include/memory_pages/pages/hints.hpp: has no tests/memory_pages/pages/hints_test.cpp")

lawful()
file(WRITE "${DIR}/tests/memory_pages/threads_test.cpp" "")
expect("tests/memory_pages/threads_test.cpp: is named after no header")

lawful()
file(WRITE "${DIR}/tests/memory_pages/pages/access_test.cpp" "")
expect("tests/memory_pages/pages/access_test.cpp: is named after no header")

if(wrong)
    message(FATAL_ERROR "${wrong}")
endif()
