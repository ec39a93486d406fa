// SPDX-License-Identifier: MIT
// compiler: clang
// flags: -Werror=return-stack-address
// expect: address of stack memory associated with local variable
#include <memory_pages/pages.hpp>

#include <cstdint>

using namespace memory_pages;

const std::uint8_t* dangling() {
    Pages<AllowRead, AllowWrite, DenyExec> pages(1);
#ifdef MUST_NOT_COMPILE
    return &pages[0];
#else
    return {};
#endif
}

int main() { (void)dangling(); }
