// SPDX-License-Identifier: MIT
// compiler: clang
// flags: -Wconsumed -Werror=consumed
// expect: invalid invocation of method .write_at. on .* in the .consumed. state
#include <memory_pages/pages.hpp>

using namespace memory_pages;

int main() {
    Pages<AllowRead, AllowWrite, DenyExec> pages;
#ifndef MUST_NOT_COMPILE
    pages = Pages<AllowRead, AllowWrite, DenyExec>(1);
#endif
    pages.write_at(0, {});
    return pages[0];
}
