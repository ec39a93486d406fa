// SPDX-License-Identifier: MIT
// expect-gcc: use of deleted function .*operator\[\]
// expect-clang: no viable overloaded operator\[\]
#include <memory_pages/pages.hpp>

using namespace memory_pages;

int main() {
    Pages<DenyRead, AllowWrite, DenyExec> pages(1);
#ifdef MUST_NOT_COMPILE
    return pages[0];
#endif
    return 0;
}
