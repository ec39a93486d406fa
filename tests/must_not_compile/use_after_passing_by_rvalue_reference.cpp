// SPDX-License-Identifier: MIT
// compiler: clang
// flags: -Wconsumed -Werror=consumed
// expect: invalid invocation of method .operator\[\]. on .* in the .consumed. state
#include <memory_pages/pages.hpp>

#include <utility>

using namespace memory_pages;

using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;

void take(ReadWrite&& pages);

int main() {
    ReadWrite pages(1);
    take(std::move(pages));
#ifdef MUST_NOT_COMPILE
    return pages[0];
#endif
}
