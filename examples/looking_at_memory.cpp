// SPDX-License-Identifier: MIT
// List what is in this process's address space, and what of it is in memory.
#include <memory_pages/memory_pages.hpp>

#include <iostream>

using namespace memory_pages;

int main() {
    Pages<AllowRead, AllowWrite, DenyExec> table(1 << 20, {.huge_pages = HugePages::never});
    for (std::size_t i = 0; i < table.size() / 2; i += page_size()) {
        table[i] = 1;
    }

    // One address, ...
    std::cout << "the table is in " << query(table.data()) << '\n'
              << resident_bytes(table.data(), table.size()) << " bytes of it are resident\n\n";

    // ... all of them, ...
    std::size_t code = 0;
    for (const Region& region : regions()) {
        if (region.kind == RegionKind::file && region.is_executable) {
            code += region.size;
            std::cout << region.name << '\n';
        }
    }
    std::cout << "have " << code << " bytes of code\n\n";

    // ... and the limits.
    std::cout << memory_limits() << '\n';
    return resident_bytes(table.data(), table.size()) == table.size() / 2 ? 0 : 1;
}
