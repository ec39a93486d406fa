// SPDX-License-Identifier: MIT
// expect-gcc: use of deleted function .*operator=
// expect-clang: copy assignment operator is implicitly deleted
#include <memory_pages/pages.hpp>

using namespace memory_pages;

int main() {
    Pages<AllowRead, AllowWrite, DenyExec> pages(1);
    Pages<AllowRead, AllowWrite, DenyExec> others(1);
#ifdef MUST_NOT_COMPILE
    others = pages;
#endif
}
