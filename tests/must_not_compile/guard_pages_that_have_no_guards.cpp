// SPDX-License-Identifier: MIT
// expect-gcc: has no member named .guard.
// expect-clang: no member named .guard.
#include <memory_pages/pages.hpp>

using namespace memory_pages;

int main() {
    Pages<AllowRead, AllowWrite, DenyExec> pages(1);
#ifdef MUST_NOT_COMPILE
    pages.guard(0, pages.size());
#endif
}
