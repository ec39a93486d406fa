// SPDX-License-Identifier: MIT
// expect-gcc: no matching function for call to .*::guard
// expect-clang: invalid reference to function .guard.: constraints not satisfied
#include <memory_pages/guarded_pages.hpp>

using namespace memory_pages;

int main() {
    GuardedPages<AllowRead, DenyWrite, DenyExec> pages(1);
#ifdef MUST_NOT_COMPILE
    pages.guard(0, pages.size());
#endif
}
