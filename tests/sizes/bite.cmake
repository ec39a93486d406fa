# SPDX-License-Identifier: MIT
# Makes files, folders, functions and classes of a small tree as large as the law of sizes allows,
# and one larger. The law must accept the first and report the second.
#   cmake -D LAW=<check_sizes.cmake> -D DIR=<scratch directory> -P bite.cmake
cmake_minimum_required(VERSION 3.25)

set(wrong "")

# Runs the law on a tree of one file and `more_files` + 1 empty ones.
function(run result output file text)
    file(REMOVE_RECURSE "${DIR}")
    file(WRITE "${DIR}/${file}" "${text}")
    foreach(i RANGE ${more_files})
        file(WRITE "${DIR}/src/pool/${i}.hpp" "")
    endforeach()
    execute_process(COMMAND "${CMAKE_COMMAND}" -D ROOT=. -P "${LAW}"
        WORKING_DIRECTORY "${DIR}"
        RESULT_VARIABLE status ERROR_VARIABLE said OUTPUT_QUIET)
    string(REGEX REPLACE "[ \n]+" " " said "${said}")
    set(${result} "${status}" PARENT_SCOPE)
    set(${output} "${said}" PARENT_SCOPE)
endfunction()

# Expects a file with `before`, `allowed` times `line`, and `after` to be accepted, and one with `line`
# once more to be refused for the reason `expected`. `@` in `line` is replaced by its number.
function(bites file before line allowed after expected)
    set(lines "")
    foreach(i RANGE 1 ${allowed})
        string(REPLACE "@" "${i}" numbered "${line}")
        string(APPEND lines "${numbered}\n")
    endforeach()
    run(status said "${file}" "${before}${lines}${after}")
    string(REPLACE "@" "one_more" one_more "${line}")
    run(status_of_more said_of_more "${file}" "${before}${lines}${one_more}\n${after}")
    if(NOT status EQUAL 0 OR status_of_more EQUAL 0 OR NOT said_of_more MATCHES "${expected}")
        list(APPEND wrong "${file}, '${before}': got ${status} '${said}', ${status_of_more} '${said_of_more}'")
        set(wrong "${wrong}" PARENT_SCOPE)
    endif()
endfunction()

set(more_files 1)
bites(src/pool/lock.cpp "" "//" 450 "" "src/pool/lock.cpp: has 451 lines, and 450 are the most")
bites(include/memory_pages/pages.hpp "" "//" 450 "" "pages.hpp: has 451 lines, and 450 are the most")
bites(include/memory_pages/paged_vec.hpp "" "//" 650 "" "paged_vec.hpp: has 651 lines, and 650 are the most")

# A folder has at most 20 files: lock.cpp, and `more_files` + 1 others.
set(more_files 18)
run(status said src/pool/lock.cpp "")
set(more_files 19)
run(status_of_more said_of_more src/pool/lock.cpp "")
if(NOT status EQUAL 0 OR status_of_more EQUAL 0
        OR NOT said_of_more MATCHES "src/pool: has 21 files, and 20 are the most")
    list(APPEND wrong "20 files, and 21: got ${status} '${said}', ${status_of_more} '${said_of_more}'")
endif()
set(more_files 1)

# Functions: free ones, members and templates, with signatures of one and of several lines.
set(body "    f@(\"a [\", ';');")
set(in_class "        f@();")
bites(src/a.cpp "namespace a {\n\nvoid f() noexcept {\n" "${body}" 38 "}\n\n}  // namespace a\n"
    "src/a.cpp:3: 41 lines, and 40 are the most: void f")
bites(src/a.cpp "[[nodiscard]] int f() {\n    if (a) {\n    } else {\n" "${body}" 35 "    }\n}\n"
    "src/a.cpp:1: 41 lines.*: int f")
bites(src/a.cpp "namespace a {\nint a();\n\nint* a::f(int first,\n       int last) {\n" "${body}" 37 "}\n}\n"
    "src/a.cpp:4: 41 lines")
bites(src/a.hpp "// What it does.\ntemplate <class T>\n    requires A<T>\nT* f() {\n" "${body}" 36 "}\n"
    "src/a.hpp:2: 41 lines")
bites(src/a.cpp "enum class A {\n    b,\n};\n\nvoid f() {\n" "${body}" 38 "}\n" "src/a.cpp:5: 41 lines")
bites(src/a.cpp "A::A(int a)\n    : b_(a),\n      c_{a} {\n" "${body}" 36 "}\n" "src/a.cpp:1: 41 lines")
bites(src/a.hpp "class A {\npublic:\n    int a_;\n\n    [[nodiscard]] static constexpr int f() const noexcept {\n"
    "${in_class}" 38 "    }\n};\n" "src/a.hpp:5: 41 lines")
bites(src/a.hpp "struct A {\n    struct B {\n        B()\n            : b_(1) {\n" "    ${in_class}" 37
    "        }\n    };\n};\n" "src/a.hpp:3: 41 lines")

# Longer blocks that are no functions.
foreach(text "namespace a {\n@}  // namespace a\n" "namespace a {\nenum class A {\n@    last,\n}\;\n}\n"
        "namespace a {\nconstexpr int a = {\n@    1,\n}\;\n}\n" "class A {\n@}\;\n")
    string(REPEAT "    // a line\n" 60 lines)
    string(REPLACE "@" "${lines}" text "${text}")
    run(status said include/a.hpp "${text}")
    if(NOT status EQUAL 0)
        list(APPEND wrong "no function: got ${status} '${said}' for ${text}")
    endif()
endforeach()

# Classes, with members that count as public names and others that do not.
set(names "A has 41 public names, and 40 are the most")
bites(include/a.hpp "class A {\npublic:\n" "    [[nodiscard]] int f@() const noexcept { return 1; }" 40
    "    int f1(int again);\n    friend bool operator==(A, A);\n    template <class B>\n    friend class C;\n\nprivate:\n    int hidden();\n};\n" "${names}")
bites(include/a.hpp "template <class T>\n    requires B<T>\nclass A : public B<T> {\n    int hidden_;\n\npublic:\n"
    "    template <class C>\n        requires(sizeof(C) > 1)\n    int* f@(C c)\n        requires std::same_as<C, T>\n    {\n        return 0;\n    }" 40
    "};\n" "${names}")
bites(include/a.hpp "struct A final {\n    explicit(true) A(int a);\n    ~A();\n    A& operator=(const A&);\n    A& operator+=(A);\n    operator bool() const;\n    using B = int;\n    enum class C { d };\n    struct D {\n        int of_another;\n    };\n    int a = 1;\n"
    "    int f@;" 31 "};\n" "${names}")
bites(include/a.hpp "class PagedVec {\npublic:\n" "    int f@();" 80 "};\n" "PagedVec has 81 public names, and 80")

if(wrong)
    list(JOIN wrong "\n  " wrong)
    message(FATAL_ERROR "\n  ${wrong}")
endif()
