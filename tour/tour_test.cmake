# SPDX-License-Identifier: MIT
# Runs the tour on one file, and checks its status and what it leaves.
#   cmake -D TOUR=<program, and its emulator before it> -D FILE=<text> -D OUTPUT=<page> [-D COMPLAINT=<text>] -P tour_test.cmake
# With a COMPLAINT: status 1, one line with it as an error, and no page.
cmake_minimum_required(VERSION 3.25)

file(REMOVE "${OUTPUT}")
execute_process(COMMAND ${TOUR} "${FILE}" --size 2 --output "${OUTPUT}"
    RESULT_VARIABLE status OUTPUT_VARIABLE said ERROR_VARIABLE errors)

if(COMPLAINT)
    if(NOT status STREQUAL "1" OR NOT said STREQUAL "")
        message(FATAL_ERROR "status ${status}, and it said:\n${said}${errors}")
    endif()
    if(NOT errors MATCHES "^tour: [^\n]*${COMPLAINT}[^\n]*\n$")
        message(FATAL_ERROR "not one line about '${COMPLAINT}':\n${errors}")
    endif()
    if(EXISTS "${OUTPUT}")
        message(FATAL_ERROR "it left a page")
    endif()
    return()
endif()

if(NOT status STREQUAL "0" OR NOT said MATCHES "All [0-9]+ checks held" OR said MATCHES "FAILED")
    message(FATAL_ERROR "status ${status}, and it said:\n${said}${errors}")
endif()
file(READ "${OUTPUT}" page)
if(NOT page MATCHES "<svg.*<polyline.*</html>")
    message(FATAL_ERROR "the page has no chart")
endif()
if(page MATCHES "<script|<link|src=|https?:")
    message(FATAL_ERROR "the page needs something beside it: ${CMAKE_MATCH_0}")
endif()
