// SPDX-License-Identifier: MIT
// expect-gcc: no matching function for call to .*::populate
// expect-clang: invalid reference to function .populate.: constraints not satisfied
#include <memory_pages/pages.hpp>

using namespace memory_pages;

int main() {
    Pages<DenyRead, DenyWrite, DenyExec> pages(1);
#ifdef MUST_NOT_COMPILE
    pages.populate();
#endif
}
