// SPDX-License-Identifier: MIT
/// \file
/// Runs one operation so many times and nothing else, under strace or callgrind:
/// `count by_hand|by_pages TIMES`.

#include "operations.hpp"

#include <cstdlib>
#include <string_view>

int main(int argc, char** argv) {
    if (argc != 3) {
        return 2;
    }
    const std::string_view name = argv[1];
    const auto operation = name == "by_hand"    ? create_drop_by_hand
                           : name == "by_pages" ? create_drop_by_pages
                                                : nullptr;
    if (operation == nullptr) {
        return 2;
    }
    for (long times = std::strtol(argv[2], nullptr, 10); times > 0; --times) {
        operation();
    }
    return 0;
}
