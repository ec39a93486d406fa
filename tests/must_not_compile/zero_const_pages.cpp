// SPDX-License-Identifier: MIT
// expect-gcc: passing .* as .this. argument discards qualifiers
// expect-clang: not marked const
#include <memory_pages/pages.hpp>

using namespace memory_pages;

int main() {
    const Pages<AllowRead, AllowWrite, DenyExec> pages(1);
#ifdef MUST_NOT_COMPILE
    pages.zero();
#endif
}
