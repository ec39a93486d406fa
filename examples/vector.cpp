// SPDX-License-Identifier: MIT
// A vector that grows in place: no element is copied or moved.
#include <memory_pages/memory_pages.hpp>

#include <cstdint>

using namespace memory_pages;

int main() {
    PagedVec<std::uint64_t> squares;
    squares.push(0);
    const std::uint64_t* const first = &squares[0];

    for (std::uint64_t i = 1; i < 1'000'000; ++i) {
        squares.push(i * i);
    }

    // A million elements later, the first one has the same address.
    return &squares[0] == first && squares[999] == 998'001 ? 0 : 1;
}
