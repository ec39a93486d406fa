# SPDX-License-Identifier: MIT
# Warnings that users may compile the library's sources and headers with, as errors: there are none.

set(user_warnings -Wall -Wextra -Wpedantic
    -Walloca -Wcast-align -Wcast-qual -Wconversion -Wctor-dtor-privacy -Wdate-time
    -Wdeprecated-copy-dtor -Wdouble-promotion -Wextra-semi -Wfloat-equal -Wformat=2
    -Wimplicit-fallthrough -Wmismatched-tags -Wmissing-declarations -Wmissing-field-initializers
    -Wnon-virtual-dtor -Wnull-dereference -Wold-style-cast -Woverloaded-virtual -Wredundant-decls
    -Wshadow -Wsign-conversion -Wsuggest-override -Wswitch-enum -Wundef -Wunused -Wunused-macros
    -Wzero-as-null-pointer-constant)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    list(APPEND user_warnings
        -Warith-conversion -Wcast-align=strict -Wcomma-subscript -Wduplicated-branches
        -Wduplicated-cond -Wlogical-op -Wredundant-tags -Wsign-promo -Wstrict-null-sentinel
        -Wuseless-cast)
else()
    list(APPEND user_warnings
        -Wconsumed -Wdocumentation -Wdocumentation-pedantic -Wmissing-designated-field-initializers
        -Wmissing-prototypes -Wmissing-variable-declarations -Wrange-loop-analysis -Wshadow-all
        -Wshadow-uncaptured-local -Wshorten-64-to-32 -Wunreachable-code-aggressive)
endif()
