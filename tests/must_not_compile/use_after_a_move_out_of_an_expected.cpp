// SPDX-License-Identifier: MIT
// compiler: clang
// flags: -Wconsumed -Werror=consumed
// expect: invalid invocation of method .operator\[\]. on .* in the .consumed. state
#include <memory_pages/pages.hpp>

#include <utility>

using namespace memory_pages;

using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;

void take(ReadWrite pages);

int main() {
    auto made = ReadWrite::try_new(1);
    ReadWrite pages = std::move(*made);
    take(std::move(pages));
#ifdef MUST_NOT_COMPILE
    return pages[0];
#endif
}
