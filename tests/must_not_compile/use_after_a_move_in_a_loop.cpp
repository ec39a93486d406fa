// SPDX-License-Identifier: MIT
// compiler: clang
// flags: -Wconsumed -Werror=consumed
// expect: state of variable .pages. must match at the entry and exit of loop
#include <memory_pages/pages.hpp>

#include <utility>

using namespace memory_pages;

using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;

void take(ReadWrite pages);

int main() {
    ReadWrite pages(1);
    for (int i = 0; i < 2; ++i) {
        take(std::move(pages));
#ifndef MUST_NOT_COMPILE
        pages = ReadWrite(1);
#endif
    }
}
