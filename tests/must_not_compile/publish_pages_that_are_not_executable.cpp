// SPDX-License-Identifier: MIT
// expect-gcc: no matching function for call to .*::publish
// expect-clang: no matching member function for call to 'publish'
#include <memory_pages/unsafe_write_exec.hpp>

using namespace memory_pages;

int main() {
    Pages<AllowRead, AllowWrite, DenyExec> pages(1);
#ifdef MUST_NOT_COMPILE
    pages.publish();
#endif
}
