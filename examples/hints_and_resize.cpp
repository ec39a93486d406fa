// SPDX-License-Identifier: MIT
// Tell the system how memory is going to be used, and let it grow without being copied.
#include <memory_pages/memory_pages.hpp>

#include <cstddef>

using namespace memory_pages;

int main() {
    // Hints and promises on the way in: aligned to 2 MiB, and every page there from the start.
    constexpr std::size_t mib = 1 << 20;
    Pages<AllowRead, AllowWrite, DenyExec> log(2 * mib, {.alignment = 2 * mib, .populate = true});

    log.advise_use_seq();            // walked from front to back ...
    log.advise_use_rnd(mib, mib);    // ... but the second half is an index
    log.advise_use_soon(mib, 4096);  // whose beginning is needed next

    log[2 * mib - 1] = 42;
    log.resize(64 * mib);  // contents, alignment and populating are kept; new bytes read zero
    return log[2 * mib - 1] == 42 && log[64 * mib - 1] == 0 ? 0 : 1;
}
