// SPDX-License-Identifier: MIT
// Once data is complete, make it unchangeable: for the compiler and for the processor.
#include <memory_pages/memory_pages.hpp>

#include <algorithm>
#include <utility>

using namespace memory_pages;

int main() {
    Pages<AllowRead, AllowWrite, DenyExec> table(0x40000);
    std::ranges::fill(table, 7);

    // Moves the pages to a new type; nothing is copied, and `table` is empty from here on.
    Pages<AllowRead, DenyWrite, DenyExec> frozen = std::move(table).deny_write();

    // frozen[0] = 8;  does not compile, and a write through a stray pointer faults.
    if (frozen[0] != 7) {
        return 1;
    }

    // And back.
    Pages<AllowRead, AllowWrite, DenyExec> thawed = std::move(frozen).allow_write();
    thawed[0] = 8;
    return thawed[0] == 8 && thawed[1] == 7 ? 0 : 1;
}
