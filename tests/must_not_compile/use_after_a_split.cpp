// SPDX-License-Identifier: MIT
// compiler: clang
// flags: -Wconsumed -Werror=consumed
// expect: invalid invocation of method .operator\[\]. on .* in the .consumed. state
#include <memory_pages/page_size.hpp>
#include <memory_pages/pages.hpp>

#include <utility>

using namespace memory_pages;

int main() {
    Pages<AllowRead, AllowWrite, DenyExec> pages(2 * page_size());
    const auto parts = std::move(pages).split_at(page_size());
#ifdef MUST_NOT_COMPILE
    return pages[0];
#endif
    return parts.first[0];
}
