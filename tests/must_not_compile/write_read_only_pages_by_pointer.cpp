// SPDX-License-Identifier: MIT
// expect-gcc: use of deleted function .*::get_ptr_mut
// expect-clang: no matching member function for call to .get_ptr_mut
#include <memory_pages/pages.hpp>

using namespace memory_pages;

int main() {
    Pages<AllowRead, DenyWrite, DenyExec> pages(1);
#ifdef MUST_NOT_COMPILE
    *pages.get_ptr_mut() = 1;
#endif
}
