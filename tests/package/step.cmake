# SPDX-License-Identifier: MIT
# One step of the life of an installed library; tests/package/CMakeLists.txt lists them.
cmake_minimum_required(VERSION 3.25)

set(prefix "${DIR}/moved")
set(consumer "${SOURCE}/tests/package/consumer")
string(COMPARE EQUAL "${KIND}" shared shared)
set(build_with -G "${GENERATOR}" -D CMAKE_CXX_COMPILER=${CXX} -D CMAKE_BUILD_TYPE=Debug)

function(run)
    execute_process(COMMAND ${ARGN} RESULT_VARIABLE status
        OUTPUT_VARIABLE said ERROR_VARIABLE said)
    if(NOT status EQUAL 0)
        list(JOIN ARGN " " command)
        message("${said}")
        message(FATAL_ERROR "\n  ${command}: ${status}")
    endif()
    set(said "${said}" PARENT_SCOPE)
endfunction()

# What a compiler needs to know, from the installed pkg-config file alone.
function(ask_pkg_config result)
    file(GLOB_RECURSE found "${prefix}/memory_pages.pc")
    cmake_path(GET found PARENT_PATH dir)
    set(ENV{PKG_CONFIG_PATH} "${dir}")
    run("${PKG_CONFIG}" ${ARGN} memory_pages)
    string(STRIP "${said}" said)
    separate_arguments(said)
    set(${result} ${said} PARENT_SCOPE)
endfunction()

# Use after a move must be refused by Clang as far as a target asks for it, and by no one else.
# What is given is the command that compiles one program in one mode.
function(check_refusal mode where)
    execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE said ERROR_VARIABLE said)
    set(refused FALSE)
    if(NOT status EQUAL 0)
        set(refused TRUE)
    endif()
    set(expected FALSE)
    if(CLANG AND (mode STREQUAL "strict" OR (mode STREQUAL "lenient" AND where STREQUAL "on_every_way")))
        set(expected TRUE)
    endif()
    if(NOT refused STREQUAL expected OR (refused AND NOT said MATCHES "-Werror,-Wconsumed"))
        message("${said}")
        message(FATAL_ERROR "use after a move ${where}, ${mode}: refused is ${refused}")
    endif()
endfunction()

function(check_targets dir)
    foreach(mode lenient strict off)
        foreach(where on_every_way on_one_way)
            check_refusal(${mode} ${where} "${CMAKE_COMMAND}" --build "${dir}"
                --target gives_up_${where}_${mode})
        endforeach()
    endforeach()
endfunction()

if(STEP STREQUAL "install")
    # Into one place, then moved to another: nothing installed may know where it was.
    file(REMOVE_RECURSE "${DIR}")
    run("${CMAKE_COMMAND}" -S "${SOURCE}" -B "${DIR}/library" ${build_with}
        -D MEMORY_PAGES_DEVELOPER=OFF -D BUILD_SHARED_LIBS=${shared})
    run("${CMAKE_COMMAND}" --build "${DIR}/library")
    run("${CMAKE_COMMAND}" --install "${DIR}/library" --prefix "${DIR}/installed")
    file(RENAME "${DIR}/installed" "${prefix}")

elseif(STEP STREQUAL "find_package")
    run("${CMAKE_COMMAND}" -S "${consumer}" -B "${DIR}/find_package" ${build_with}
        -D CMAKE_PREFIX_PATH=${prefix} -D MEMORY_PAGES_VERSION=${VERSION})
    run("${CMAKE_COMMAND}" --build "${DIR}/find_package")
    run("${DIR}/find_package/consumer")
    check_targets("${DIR}/find_package")

elseif(STEP STREQUAL "add_subdirectory")
    run("${CMAKE_COMMAND}" -S "${consumer}" -B "${DIR}/add_subdirectory" ${build_with}
        -D MEMORY_PAGES_SOURCE=${SOURCE} -D BUILD_SHARED_LIBS=${shared})
    run("${CMAKE_COMMAND}" --build "${DIR}/add_subdirectory")
    run("${DIR}/add_subdirectory/consumer")
    check_targets("${DIR}/add_subdirectory")

elseif(STEP STREQUAL "pkg_config")
    ask_pkg_config(flags --cflags --libs)
    run("${CXX}" -std=c++23 "${consumer}/consumer.cpp" ${flags} -o "${DIR}/pkg_config")
    ask_pkg_config(libdir --variable=libdir)
    set(ENV{LD_LIBRARY_PATH} "${libdir}")
    run("${DIR}/pkg_config")
    ask_pkg_config(cflags --cflags)
    ask_pkg_config(consumed --variable=consumed_cflags)
    ask_pkg_config(strict --variable=strict_cflags)
    if(CLANG)
        set(lenient "")
        foreach(mode lenient strict)
            foreach(where on_every_way on_one_way)
                check_refusal(${mode} ${where} "${CXX}" -std=c++23 -fsyntax-only
                    "${consumer}/gives_up_${where}.cpp" ${${mode}} ${consumed} ${cflags})
            endforeach()
        endforeach()
    endif()
    ask_pkg_config(version --modversion)
    if(NOT version STREQUAL VERSION)
        message(FATAL_ERROR "pkg-config says version ${version}, not ${VERSION}")
    endif()

elseif(STEP STREQUAL "levels")
    # A program that takes other checks for granted than the library was built with.
    ask_pkg_config(flags --cflags --libs)
    set(MEMORY_PAGES_CHECKS hardened)
    configure_file("${SOURCE}/cmake/config.hpp.in" "${DIR}/other/memory_pages/config.hpp" @ONLY)
    execute_process(COMMAND "${CXX}" -std=c++23 "-I${DIR}/other" "${consumer}/consumer.cpp"
            ${flags} -o "${DIR}/levels"
        RESULT_VARIABLE status ERROR_VARIABLE said)
    if(status EQUAL 0 OR NOT said MATCHES "undefined reference to [^\n]*hardened")
        message("${said}")
        message(FATAL_ERROR "linked with a library of another level, or failed otherwise")
    endif()

elseif(STEP STREQUAL "exports")
    file(GLOB_RECURSE library "${prefix}/libmemory_pages.so")
    run("${NM}" -D -C --defined-only "${library}")
    string(REGEX REPLACE "\n$" "" said "${said}")
    string(REPLACE "\n" ";" symbols "${said}")
    foreach(symbol IN LISTS symbols)
        string(REGEX REPLACE "^[0-9a-f]+ [A-Za-z] " "" name "${symbol}")
        if(NOT name MATCHES "^((typeinfo|typeinfo name|vtable) for )?memory_pages::"
                OR name MATCHES "memory_pages::os::")
            list(APPEND stray "${name}")
        endif()
    endforeach()
    if(stray OR NOT said MATCHES "memory_pages::page_size")
        list(JOIN stray "\n  " stray)
        message("${said}")
        message(FATAL_ERROR "\n  a shared library shows its public names and no other:\n  ${stray}")
    endif()
endif()
