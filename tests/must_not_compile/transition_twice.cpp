// SPDX-License-Identifier: MIT
// compiler: clang
// flags: -Wconsumed -Werror=consumed
// expect: invalid invocation of method .deny_read. on .* in the .consumed. state
#include <memory_pages/pages.hpp>

#include <utility>

using namespace memory_pages;

int main() {
    Pages<AllowRead, AllowWrite, DenyExec> pages(1);
    const auto frozen = std::move(pages).deny_write();
#ifdef MUST_NOT_COMPILE
    const auto again = std::move(pages).deny_read();
#endif
    return frozen[0];
}
