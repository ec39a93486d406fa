// SPDX-License-Identifier: MIT
// Empty a vector and give its memory back to the system, ready to be filled again.
#include <memory_pages/memory_pages.hpp>

#include <cstddef>
#include <fstream>
#include <iostream>
#include <string>

using namespace memory_pages;

namespace {

/// MiB of physical memory behind this process, as Linux counts them.
std::size_t resident() {
    std::ifstream memory("/proc/self/smaps_rollup");
    std::string word;
    while (memory >> word && word != "Rss:") {
    }
    std::size_t kib = 0;
    memory >> kib;
    return kib / 1024;
}

}  // namespace

int main() {
    PagedVec<char> text;
    text.resize(100 << 20, 'x');
    const std::size_t full = resident();

    text.clear_decommit();  // Like clear(), but the memory goes too. The capacity stays.
    const std::size_t empty = resident();

    text.resize(100 << 20, 'y');  // It comes back as it is filled.
    std::cout << "full " << full << " MiB, cleared " << empty << " MiB, refilled " << resident()
              << " MiB\n";
    return full >= empty + 90 && resident() >= 100 ? 0 : 1;
}
