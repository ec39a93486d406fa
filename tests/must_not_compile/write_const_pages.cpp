// SPDX-License-Identifier: MIT
// expect-gcc: assignment of read-only location
// expect-clang: cannot assign to return value
#include <memory_pages/pages.hpp>

using namespace memory_pages;

int main() {
    const Pages<AllowRead, AllowWrite, DenyExec> pages(1);
#ifdef MUST_NOT_COMPILE
    pages[0] = 1;
#endif
}
