// SPDX-License-Identifier: MIT
// Empty a vector and give its memory back to the system, ready to be filled again.
#include "resident.hpp"  // resident(): MiB of physical memory behind this process

#include <memory_pages/memory_pages.hpp>

#include <cstddef>
#include <iostream>

using namespace memory_pages;

int main() {
    PagedVec<char> text;
    text.resize(100 << 20, 'x');
    const std::size_t full = resident();

    text.clear_decommit();  // Like clear(), but gives the memory back. The capacity stays.
    const std::size_t empty = resident();

    text.resize(100 << 20, 'y');  // Filling it takes memory again.
    std::cout << "full " << full << " MiB, cleared " << empty << " MiB, refilled " << resident()
              << " MiB\n";
    return full >= empty + 90 && resident() >= 100 ? 0 : 1;
}
