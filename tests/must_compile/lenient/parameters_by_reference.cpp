// SPDX-License-Identifier: MIT
// Pages in a reference parameter, used as they are.
#include <memory_pages/pages.hpp>

using namespace memory_pages;

using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;

int first(const ReadWrite& pages) { return pages[0]; }

void fill(ReadWrite& pages) {
    for (auto& byte : pages) {
        byte = 1;
    }
}
