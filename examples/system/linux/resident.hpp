// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <fstream>
#include <string>

/// MiB of physical memory behind this process.
inline std::size_t resident() {
    std::ifstream memory("/proc/self/smaps_rollup");
    std::string word;
    while (memory >> word && word != "Rss:") {
    }
    std::size_t kib = 0;
    memory >> kib;
    return kib / 1024;
}
