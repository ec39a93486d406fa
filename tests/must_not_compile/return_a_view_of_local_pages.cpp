// SPDX-License-Identifier: MIT
// compiler: clang
// flags: -Werror=return-stack-address
// expect: address of stack memory associated with local variable
#include <memory_pages/pages.hpp>

#include <span>

using namespace memory_pages;

std::span<int> dangling() {
    Pages<AllowRead, AllowWrite, DenyExec> pages(1);
#ifdef MUST_NOT_COMPILE
    return pages.as<int>();
#else
    return {};
#endif
}

int main() { (void)dangling(); }
