// SPDX-License-Identifier: MIT
// The code that lenient/ rejects for lack of an annotation, with the annotation.
#include <memory_pages/pages.hpp>

using namespace memory_pages;

using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;

int first(const ReadWrite& pages [[clang::param_typestate(unconsumed)]]) { return pages[0]; }

bool fill(ReadWrite& pages
          [[clang::param_typestate(unconsumed)]] [[clang::return_typestate(unconsumed)]]) {
    pages[0] = 1;
    return true;
}

int passed() {
    ReadWrite pages(1);
    fill(pages);
    return first(pages);
}

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
