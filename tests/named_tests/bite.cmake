# SPDX-License-Identifier: MIT
# Breaks each rule of check_named_tests.cmake in a small tree and expects to be told so.
#   cmake -D LAW=<check_named_tests.cmake> -D DIR=<scratch directory> -P bite.cmake
cmake_minimum_required(VERSION 3.25)

set(wrong "")
# Expects `what` in the output, or success where `what` is empty, for these two pages.
function(expect what page inner_page)
    file(REMOVE_RECURSE "${DIR}")
    file(WRITE "${DIR}/tests/room/views_test.cpp" "TEST_F(Views,\n       EndAfter2Calls) {}\n")
    file(WRITE "${DIR}/tests/must_not_compile/copy.cpp" "")
    file(WRITE "${DIR}/tests/must_compile/room/move.cpp" "")
    file(WRITE "${DIR}/docs/safety.md" "${page}")
    file(WRITE "${DIR}/docs/safety/views.md" "${inner_page}")
    execute_process(COMMAND "${CMAKE_COMMAND}" -D ROOT=. -D DOCUMENT=safety -P "${LAW}"
        WORKING_DIRECTORY "${DIR}"
        RESULT_VARIABLE status OUTPUT_QUIET ERROR_VARIABLE said)
    string(REGEX REPLACE "[ \n]+" " " said "${said}")
    string(FIND "${said}" "${what}" at)
    if((what STREQUAL "" AND NOT status EQUAL 0) OR
            (NOT what STREQUAL "" AND (status EQUAL 0 OR at EQUAL -1)))
        set(wrong "${wrong}\n  expected '${what}', got ${status} '${said}'" PARENT_SCOPE)
    endif()
endfunction()

expect("" "`Views.EndAfter2Calls` `copy.cpp`" "`move.cpp`")
expect("docs/safety.md names Views.End, and there is no such test" "`Views.End`" "`move.cpp`")
expect("docs/safety/views.md names Views.EndAfter3Calls," "`copy.cpp`" "`Views.EndAfter3Calls`")
expect("docs/safety/views.md names copied.cpp," "`copy.cpp`" "`copied.cpp`")
expect("docs/safety.md names no test" "nothing" "nothing")

if(wrong)
    message(FATAL_ERROR "${wrong}")
endif()
