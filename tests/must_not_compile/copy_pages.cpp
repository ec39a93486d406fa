// SPDX-License-Identifier: MIT
// expect-gcc: use of deleted function
// expect-clang: call to implicitly-deleted copy constructor
#include <memory_pages/pages.hpp>

using namespace memory_pages;

int main() {
    Pages<AllowRead, AllowWrite, DenyExec> pages(1);
#ifdef MUST_NOT_COMPILE
    auto copy = pages;
#endif
}
