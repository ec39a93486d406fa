# SPDX-License-Identifier: MIT
# Whether a program that was built flushes the instruction cache before it runs new code.
#   cmake -D OBJDUMP=<objdump> -D PROGRAM=<program> -D "WANTED=<instruction>|..." -P check_flush.cmake
cmake_minimum_required(VERSION 3.25)

function(disassemble result function)
    execute_process(
        COMMAND "${OBJDUMP}" -d -C --no-show-raw-insn "--disassemble=${function}" "${PROGRAM}"
        OUTPUT_VARIABLE text COMMAND_ERROR_IS_FATAL ANY)
    if(NOT text MATCHES "<[^\n]*>:\n")
        message(FATAL_ERROR "${PROGRAM} has no function ${function}")
    endif()
    set(${result} "${text}" PARENT_SCOPE)
endfunction()

set(verbs memory_pages::os::)
set(flush "memory_pages::cpu::icache::flush(std::byte*, unsigned long)")
foreach(verb "publish(std::byte*, unsigned long, memory_pages::Publish)" "make_executable(std::byte*, unsigned long, \
memory_pages::Access, memory_pages::Access)")
    disassemble(text "${verbs}${verb}")
    string(FIND "${text}" "<${flush}" call)
    if(call EQUAL -1)
        message(FATAL_ERROR "${verb} does not flush")
    endif()
endforeach()

# What it calls, in the compiler's library or the C library, may do it.
set(text "")
set(next "${flush}")
foreach(depth RANGE 2)
    set(called "")
    foreach(function IN LISTS next)
        disassemble(more "${function}")
        string(APPEND text "${more}")
        string(REGEX MATCHALL "<[A-Za-z0-9_.]+>\n" names "${more}")
        list(APPEND called ${names})
    endforeach()
    list(REMOVE_DUPLICATES called)
    list(TRANSFORM called REPLACE "[<>\n]" "")
    set(next ${called})
endforeach()
string(REPLACE "|" ";" wanted "${WANTED}")
foreach(instruction IN LISTS wanted)
    if(NOT text MATCHES "[ \t]${instruction}")
        message(FATAL_ERROR "the flush has no instruction like '${instruction}':\n${text}")
    endif()
endforeach()
