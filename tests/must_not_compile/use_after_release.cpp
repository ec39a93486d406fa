// SPDX-License-Identifier: MIT
// compiler: clang
// flags: -Wconsumed -Werror=consumed
// expect: invalid invocation of method .data. on .* in the .consumed. state
#include <memory_pages/pages.hpp>

#include <utility>

using namespace memory_pages;

int main() {
    Pages<AllowRead, AllowWrite, DenyExec> pages(1);
    const auto raw = std::move(pages).release();
#ifdef MUST_NOT_COMPILE
    return *pages.data();
#endif
    return *raw.address();
}
