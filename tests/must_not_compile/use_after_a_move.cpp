// SPDX-License-Identifier: MIT
// compiler: clang
// flags: -Wconsumed -Werror=consumed
// expect: invalid invocation of method .write_at. on .* in the .consumed. state
#include <memory_pages/pages.hpp>

#include <utility>

using namespace memory_pages;

int main() {
    Pages<AllowRead, AllowWrite, DenyExec> pages(1);
    const auto moved = std::move(pages);
#ifdef MUST_NOT_COMPILE
    pages.write_at(0, {});
#endif
    return moved[0];
}
