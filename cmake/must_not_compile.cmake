# SPDX-License-Identifier: MIT
# Compiles SOURCE twice, as tests/must_not_compile/CMakeLists.txt describes.
#   cmake -D CXX=<compiler> -D BY=gcc|clang|strict|tidy -D SOURCE=<file> -D INCLUDE=<dir|dir...>
#         -D STRICT=<dir> -D TIDY=<clang-tidy> -P must_not_compile.cmake
cmake_minimum_required(VERSION 3.25)

# The text after "// <key>: " in SOURCE.
function(comment result key)
    file(STRINGS "${SOURCE}" line REGEX "^// ${key}: " LIMIT_COUNT 1)
    string(REGEX REPLACE "^// ${key}: " "" line "${line}")
    set(${result} "${line}" PARENT_SCOPE)
endfunction()

comment(expected expect-${BY})
if(NOT expected)
    comment(expected expect)
endif()
if(NOT expected)
    message(FATAL_ERROR "\n  ${SOURCE} has no `// expect: ` line for ${BY}")
endif()
comment(flags flags)
separate_arguments(flags)

if(BY STREQUAL "strict")
    string(PREPEND INCLUDE "${STRICT}|")
endif()
string(REPLACE "|" ";-I" include "${INCLUDE}")
if(include)
    set(include -I${include})
endif()
# Messages in English and with plain quotes, so that the expressions match on every machine.
set(ENV{LC_ALL} C)
set(language -std=c++23 ${include} ${flags})
if(BY STREQUAL "tidy")
    set(compile "${TIDY}" --quiet --checks=-*,bugprone-use-after-move,clang-analyzer-cplusplus.Move
        "${SOURCE}" -- ${language})
else()
    set(compile "${CXX}" -fsyntax-only -fmessage-length=0 ${language} "${SOURCE}")
endif()

execute_process(COMMAND ${compile} RESULT_VARIABLE status OUTPUT_VARIABLE said ERROR_VARIABLE said)
if(NOT status EQUAL 0)
    message("${said}")
    message(FATAL_ERROR "\n  ${SOURCE} must compile without MUST_NOT_COMPILE")
endif()
execute_process(COMMAND ${compile} -DMUST_NOT_COMPILE
    RESULT_VARIABLE status OUTPUT_VARIABLE said ERROR_VARIABLE said)
if(status EQUAL 0)
    message(FATAL_ERROR "\n  ${SOURCE} compiles, but must not")
endif()
if(NOT said MATCHES "${expected}")
    message("${said}")
    message(FATAL_ERROR "\n  ${SOURCE} is refused for another reason than '${expected}'")
endif()
