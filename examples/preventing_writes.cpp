// SPDX-License-Identifier: MIT
// Once data is complete, make it impossible to change: for the compiler and for the processor.
#include <memory_pages/memory_pages.hpp>

#include <algorithm>
#include <utility>

using namespace memory_pages;

int main() {
    Pages<AllowRead, AllowWrite, DenyExec> table(0x40000);
    std::ranges::fill(table, 7);

    // The pages are handed over to a new type; nothing is copied, and `table` is empty from here.
    Pages<AllowRead, DenyWrite, DenyExec> frozen = std::move(table).deny_write();

    // frozen[0] = 8;  does not compile, and a write through a stray pointer is a fault.
    if (frozen[0] != 7) {
        return 1;
    }

    // The way back.
    Pages<AllowRead, AllowWrite, DenyExec> thawed = std::move(frozen).allow_write();
    thawed[0] = 8;
    return thawed[0] == 8 && thawed[1] == 7 ? 0 : 1;
}
