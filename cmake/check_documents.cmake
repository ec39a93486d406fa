# SPDX-License-Identifier: MIT
# Checks the documents: README.md and docs/architecture.md name each public header, no cell of a table
# is longer than 200 characters, and the target of each relative link exists.
#   cmake -D ROOT=<source tree> -P check_documents.cmake
cmake_minimum_required(VERSION 3.25)
cmake_path(ABSOLUTE_PATH ROOT NORMALIZE)

include("${CMAKE_CURRENT_LIST_DIR}/headers.cmake")
set(longest_cell 200)

set(faults "")
file(GLOB_RECURSE pages RELATIVE "${ROOT}" "${ROOT}/docs/*.md")
foreach(page IN LISTS pages ITEMS README.md CONTRIBUTING.md)
    file(READ "${ROOT}/${page}" text)
    # Brackets and semicolons have a meaning in CMake's lists.
    string(REPLACE "](" "LINK(" text "${text}")
    string(REGEX REPLACE "[][;]" "," text "${text}")

    string(REPLACE "\n" ";" lines "${text}")
    list(FILTER lines INCLUDE REGEX "^[|]")
    foreach(line IN LISTS lines)
        string(REGEX REPLACE "^[|] | [|]$" "" line "${line}")
        string(REPLACE " | " ";" cells "${line}")
        foreach(cell IN LISTS cells)
            string(LENGTH "${cell}" length)
            if(length GREATER longest_cell)
                string(SUBSTRING "${cell}" 0 40 start)
                list(APPEND faults "${page}: a cell of ${length} characters: ${start}")
            endif()
        endforeach()
    endforeach()

    cmake_path(GET page PARENT_PATH folder)
    string(REGEX MATCHALL "LINK\\([^()# \n]+" links "${text}")
    foreach(link IN LISTS links)
        string(REPLACE "LINK(" "" link "${link}")
        if(NOT link MATCHES "^[a-z]+:" AND NOT EXISTS "${ROOT}/${folder}/${link}")
            list(APPEND faults "${page}: a link to ${link}, which is not there")
        endif()
    endforeach()
endforeach()

foreach(page README.md docs/architecture.md)
    file(READ "${ROOT}/${page}" text)
    foreach(header IN LISTS value_headers type_headers opt_in_headers)
        string(FIND "${text}" "`${header}.hpp`" at)
        if(at EQUAL -1)
            list(APPEND faults "${page}: does not name ${header}.hpp")
        endif()
    endforeach()
endforeach()

if(faults)
    list(JOIN faults "\n  " faults)
    message(FATAL_ERROR "\n  ${faults}")
endif()
