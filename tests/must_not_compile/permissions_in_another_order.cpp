// SPDX-License-Identifier: MIT
// expect-gcc: first_is_allow_read_or_deny_read
// expect-clang: because .*first_is_allow_read_or_deny_read
#include <memory_pages/pages.hpp>

using namespace memory_pages;

int main() {
    Pages<AllowRead, AllowWrite, DenyExec> pages(1);
#ifdef MUST_NOT_COMPILE
    Pages<DenyExec, AllowRead, AllowWrite> others(1);
#endif
}
