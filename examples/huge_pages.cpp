// SPDX-License-Identifier: MIT
// Dense memory that is read in random order: fewer and larger pages make it faster.
#include <memory_pages/memory_pages.hpp>

#include <cstdint>
#include <iostream>
#include <span>

using namespace memory_pages;

int main() {
    // Huge pages if the system has them, ordinary pages otherwise.
    Pages<AllowRead, AllowWrite, DenyExec> table(16 << 20, {.huge_pages = HugePages::prefer});
    const std::span<std::uint64_t> slots = table.as<std::uint64_t>();
    for (std::uint64_t i = 0; i < slots.size(); ++i) {
        slots[i] = i * 0x9e3779b97f4a7c15 % slots.size();
    }

    // A large vector prefers huge pages by default. This one is sparse, and turns them off.
    auto sparse = PagedVec<std::uint64_t>::with_capacity(1 << 20);
    sparse.set_huge_pages(HugePages::never);
    sparse.push_back(slots[1]);

    std::cout << "huge pages have " << huge_page_size() << " bytes, and are "
              << (is_supported(HugePages::prefer) ? "" : "not ") << "built here\n";
    return sparse[0] < slots.size() ? 0 : 1;
}
