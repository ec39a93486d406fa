// SPDX-License-Identifier: MIT
// compiler: clang
// flags: -Wconsumed -Werror=consumed
// expect: invalid invocation of method .operator\[\]. on .* in the .consumed. state
#include <memory_pages/pages.hpp>

#include <utility>

using namespace memory_pages;

using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;

int take(ReadWrite pages, int first);

int main() {
    ReadWrite pages(1);
#ifdef MUST_NOT_COMPILE
    return take(std::move(pages), pages[0]);
#else
    return take(std::move(pages), 0);
#endif
}
