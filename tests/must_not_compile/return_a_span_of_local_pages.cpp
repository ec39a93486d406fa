// SPDX-License-Identifier: MIT
// compiler: clang
// flags: -Werror=return-stack-address
// expect: address of stack memory associated with local variable
#include <memory_pages/pages.hpp>

#include <cstdint>
#include <span>

using namespace memory_pages;

std::span<const std::uint8_t> dangling() {
    const Pages<AllowRead, AllowWrite, DenyExec> pages(1);
#ifdef MUST_NOT_COMPILE
    return pages.bytes();
#else
    return {};
#endif
}

int main() { (void)dangling(); }
