// SPDX-License-Identifier: MIT
// expect-gcc: use of deleted function .*::get_ptr
// expect-clang: no matching member function for call to .get_ptr
#include <memory_pages/pages.hpp>

using namespace memory_pages;

int main() {
    Pages<DenyRead, AllowWrite, DenyExec> pages(1);
#ifdef MUST_NOT_COMPILE
    return *pages.get_ptr();
#endif
    return 0;
}
