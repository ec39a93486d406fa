# SPDX-License-Identifier: MIT
# Breaks each rule of check_pitfalls.cmake in a small tree and expects to be told so.
#   cmake -D LAW=<check_pitfalls.cmake> -D DIR=<scratch directory> -P bite.cmake
cmake_minimum_required(VERSION 3.25)

set(wrong "")

# Writes a tree that keeps the rules.
function(lawful)
    file(REMOVE_RECURSE "${DIR}")
    file(WRITE "${DIR}/docs/pitfalls/guards.md"
        "# Guards\n\n- `fork`: A child has no guards.\n- `mirror`: A mirror. No test: there are none.\n")
    file(WRITE "${DIR}/tests/guards_test.cpp"
        "// Pitfall: fork\nTEST_P(Guards,\n       AreInherited) {}\nTEST(Guards, AreCounted) {}\n")
    execute_process(COMMAND "${CMAKE_COMMAND}" -D "ROOT=${DIR}" -D WRITE=ON -P "${LAW}"
        OUTPUT_QUIET ERROR_QUIET)
endfunction()

# Expects `what` in the output, or success where `what` is empty.
function(expect name what)
    execute_process(COMMAND "${CMAKE_COMMAND}" -D "ROOT=${DIR}" -P "${LAW}"
        RESULT_VARIABLE result OUTPUT_QUIET ERROR_VARIABLE output)
    string(REGEX REPLACE "[ \n]+" " " output "${output}")
    string(FIND "${output}" "${what}" at)
    if((what STREQUAL "" AND NOT result EQUAL 0) OR
       (NOT what STREQUAL "" AND (result EQUAL 0 OR at EQUAL -1)))
        set(wrong "${wrong}${name}: expected \"${what}\", got \"${output}\"\n" PARENT_SCOPE)
    endif()
endfunction()

lawful()
expect("a tree that keeps the rules" "")
file(READ "${DIR}/docs/pitfalls/tests.md" list)
if(NOT list MATCHES "- `fork`: `Guards.AreInherited`\n$")
    string(APPEND wrong "the list of tests is: ${list}\n")
endif()

lawful()
file(APPEND "${DIR}/docs/pitfalls/guards.md" "- `overrun`: An overrun.\n")
expect("a pitfall without a test" "`overrun` has no test and does not say why")

lawful()
file(APPEND "${DIR}/docs/pitfalls/guards.md" "- `fork`: Again.\n")
expect("a name of two pitfalls" "there is another pitfall `fork`")

lawful()
file(APPEND "${DIR}/tests/guards_test.cpp" "// Pitfall: mirror\nTEST_F(Guards, AreMirrored) {}\n")
expect("a test of a pitfall without one" "`mirror` has a test and says it has none")

lawful()
file(APPEND "${DIR}/tests/guards_test.cpp" "// Pitfall: frok\nTYPED_TEST(Guards, AreKept) {}\n")
expect("a test of an unknown pitfall" "`Guards.AreKept` names the pitfall `frok`")

lawful()
file(APPEND "${DIR}/tests/guards_test.cpp" "// Pitfall: fork\n")
expect("a comment above no test" "no test below")

lawful()
file(APPEND "${DIR}/tests/guards_test.cpp" "// Pitfall: fork\nTEST_F(Guards, AreSeen) {}\n")
expect("an old list" "tests.md is out of date")

lawful()
file(REMOVE "${DIR}/docs/pitfalls/tests.md")
expect("no list" "tests.md is out of date")

lawful()
file(REMOVE "${DIR}/docs/pitfalls/guards.md")
expect("no pitfalls" "docs/pitfalls has no pitfall")

if(wrong)
    message(FATAL_ERROR "${wrong}")
endif()
