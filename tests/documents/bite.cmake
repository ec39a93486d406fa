# SPDX-License-Identifier: MIT
# Breaks each rule of check_documents.cmake in a small tree and expects to be told so.
#   cmake -D LAW=<check_documents.cmake> -D DIR=<scratch directory> -P bite.cmake
cmake_minimum_required(VERSION 3.25)

cmake_path(GET LAW PARENT_PATH folder)
include("${folder}/headers.cmake")
set(every_header "")
foreach(header IN LISTS value_headers type_headers opt_in_headers)
    string(APPEND every_header "`${header}.hpp` ")
endforeach()
string(REPEAT "x" 200 longest_cell)

# Writes a tree that keeps the rules, with `more` at the end of README.md.
function(tree headers more)
    file(REMOVE_RECURSE "${DIR}")
    file(WRITE "${DIR}/README.md" "# A [page](docs/architecture.md#part), of [others](https://example.org/)\n\n\
${headers}\n\n| a; b | ${longest_cell} |\n${more}\n")
    file(WRITE "${DIR}/CONTRIBUTING.md" "[up](README.md)\n")
    file(WRITE "${DIR}/docs/architecture.md" "${every_header} [down](decisions/1.md)\n")
    file(WRITE "${DIR}/docs/decisions/1.md" "[up](../architecture.md)\n")
endfunction()

set(wrong "")
# Expects `what` in the output, or success where `what` is empty.
function(expect what headers more)
    tree("${headers}" "${more}")
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

expect("" "${every_header}" "")
expect("README.md: a cell of 201 characters: yx" "${every_header}" "| a | y${longest_cell} | b |")
expect("README.md: a link to docs/none.md, which is not there" "${every_header}" "[a](docs/none.md)")
string(REPLACE "`access.hpp`" "" all_but_one "${every_header}")
expect("README.md: does not name access.hpp" "${all_but_one}" "")

if(wrong)
    message(FATAL_ERROR "${wrong}")
endif()
