// SPDX-License-Identifier: MIT
// Tell the system how memory will be used, and change its size.
#include <memory_pages/memory_pages.hpp>

#include <cstddef>

using namespace memory_pages;

int main() {
    // Options at the start: aligned to 2 MiB, and every page resident.
    constexpr std::size_t mib = 1 << 20;
    Pages<AllowRead, AllowWrite, DenyExec> store(2 * mib, {.alignment = 2 * mib, .populate = true});

    store.advise_use_seq();            // read from front to back ...
    store.advise_use_rnd(mib, mib);    // ... but for its second half, an index
    store.advise_use_soon(mib, 4096);  // whose start is needed next

    store[2 * mib - 1] = 42;
    store.resize(64 * mib);  // keeps contents, alignment and populating; new bytes read zero
    return store[2 * mib - 1] == 42 && store[64 * mib - 1] == 0 ? 0 : 1;
}
