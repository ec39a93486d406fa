// SPDX-License-Identifier: MIT
// Keep data in memory that comes directly from the system, and goes directly back.
#include <memory_pages/memory_pages.hpp>

#include <cstdint>
#include <numeric>
#include <span>

using namespace memory_pages;

int main() {
    // 256 KiB, all zero: readable and writable, never executable.
    Pages<AllowRead, AllowWrite, DenyExec> memory(0x40000);

    // As bytes ...
    memory[0] = 42;
    if (memory[0] != 42 || memory[1] != 0) {
        return 1;
    }

    // ... or as numbers, in place, without a copy.
    const std::span<std::uint32_t> samples = memory.as<std::uint32_t>();
    std::iota(samples.begin(), samples.end(), 0U);
    return samples.size() == 0x10000 && samples.back() == 0xffff ? 0 : 1;
}
