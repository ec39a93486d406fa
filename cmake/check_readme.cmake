# SPDX-License-Identifier: MIT
# Checks that the README shows these examples word for word, without their licence line.
#   cmake -D ROOT=... -P check_readme.cmake
cmake_minimum_required(VERSION 3.25)

file(READ "${ROOT}/README.md" readme)
foreach(example data_storage preventing_writes function_at_run_time vector clear_and_decommit
        reservation)
    file(READ "${ROOT}/examples/${example}.cpp" text)
    string(FIND "${text}" "\n" line_end)
    math(EXPR line_end "${line_end} + 1")
    string(SUBSTRING "${text}" ${line_end} -1 text)
    string(FIND "${readme}" "```cpp\n${text}```" place)
    if(place EQUAL -1)
        message(SEND_ERROR "README.md does not show examples/${example}.cpp as it is")
    endif()
endforeach()
