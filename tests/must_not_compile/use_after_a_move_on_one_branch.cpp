// SPDX-License-Identifier: MIT
// flags: -Wconsumed -Werror=consumed
// expect-strict: invalid invocation of method .operator\[\]. on .* in the .unknown. state
// expect-tidy: used after it was moved .bugprone-use-after-move
#include <memory_pages/pages.hpp>

#include <utility>

using namespace memory_pages;

using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;

void take(ReadWrite pages);

int first(bool is_given) {
    ReadWrite pages(1);
    if (is_given) {
        take(std::move(pages));
    }
#ifdef MUST_NOT_COMPILE
    return pages[0];
#endif
    return 0;
}
