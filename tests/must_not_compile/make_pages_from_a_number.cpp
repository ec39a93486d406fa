// SPDX-License-Identifier: MIT
// expect-gcc: could not convert|conversion from
// expect-clang: no viable conversion
#include <memory_pages/pages.hpp>

using namespace memory_pages;

int main() {
    Pages<AllowRead, AllowWrite, DenyExec> pages(1);
#ifdef MUST_NOT_COMPILE
    Pages<AllowRead, AllowWrite, DenyExec> others = 4096;
#endif
}
