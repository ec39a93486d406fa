// SPDX-License-Identifier: MIT
// Give back every free page of a heap, in as few system calls as possible.
#include "resident.hpp"  // resident(): MiB of physical memory behind this process

#include <memory_pages/memory_pages.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iostream>
#include <vector>

using namespace memory_pages;

int main() {
    Pages<AllowRead, AllowWrite, DenyExec> heap(std::size_t{64} << 20);
    std::ranges::fill(heap, std::uint8_t{1});
    const std::size_t before = resident();

    std::vector<ByteRange> free;  // Three of every four pages.
    for (std::size_t offset = 0; offset < heap.size(); offset += 4 * page_size()) {
        free.push_back({offset, 3 * page_size()});
    }
    heap.decommit(free);

    std::cout << before - resident() << " MiB given back in " << free.size() << " ranges\n";
    return before - resident() > 40 ? 0 : 1;
}
