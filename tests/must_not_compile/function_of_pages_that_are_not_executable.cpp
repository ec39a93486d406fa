// SPDX-License-Identifier: MIT
// expect-gcc: no matching function for call to .*::get_fn<
// expect-clang: no matching member function for call to .get_fn
#include <memory_pages/exec.hpp>

using namespace memory_pages;

int main() {
    Pages<AllowRead, AllowWrite, DenyExec> pages(1);
#ifdef MUST_NOT_COMPILE
    (void)pages.get_fn<void()>();
#endif
}
