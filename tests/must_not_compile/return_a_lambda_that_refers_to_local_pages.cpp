// SPDX-License-Identifier: MIT
// compiler: clang
// flags: -Werror=return-stack-address
// expect: address of stack memory associated with local variable
#include <memory_pages/pages.hpp>

using namespace memory_pages;

using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;

auto reader(ReadWrite& kept) {
    ReadWrite pages(1);
#ifdef MUST_NOT_COMPILE
    return [&pages] { return pages[0]; };
#else
    return [&kept] { return kept[0]; };
#endif
}

int main() {
    ReadWrite pages(1);
    return reader(pages)();
}
