// SPDX-License-Identifier: MIT
// Keep memory for reuse: it is resident already.
#include <memory_pages/memory_pages.hpp>

#include <cstdint>
#include <iostream>

using namespace memory_pages;

int main() {
    PagePool pool({.max_bytes = 64 << 20});  // Keeps no more than this.

    std::uint64_t sum = 0;
    for (int request = 0; request < 100; ++request) {
        // A buffer for an answer: it may hold bytes of an earlier request.
        auto buffer = pool.take<AllowRead, AllowWrite, DenyExec>(1 << 20, Contents::indeterminate);
        buffer[0] = static_cast<std::uint8_t>(request);

        // A vector that reuses the memory of an earlier one.
        PagedVec<std::uint64_t> numbers(pool);
        for (std::uint64_t i = 0; i < 10'000; ++i) {
            numbers.push_back(i);
        }
        sum += buffer[0] + numbers.size();
    }

    const PoolStatistics numbers = pool.statistics();
    std::cout << "asked the system " << numbers.fresh << " times, and reused memory "
              << numbers.reused << " times\n";
    return numbers.fresh == 2 && sum == 1'004'950 ? 0 : 1;
}
