// SPDX-License-Identifier: MIT
// Pages passed by reference in a loop.
#include <memory_pages/pages.hpp>

using namespace memory_pages;

using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;

bool fill(ReadWrite& pages);

int each_time() {
    ReadWrite pages(1);
    for (int i = 0; i < 3; ++i) {
        fill(pages);
    }
    return pages[0];
}

int until_it_works() {
    ReadWrite pages(1);
    for (;;) {
        if (!fill(pages)) {
            continue;
        }
        break;
    }
    return pages[0];
}
