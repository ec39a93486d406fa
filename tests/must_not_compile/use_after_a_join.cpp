// SPDX-License-Identifier: MIT
// compiler: clang
// flags: -Wconsumed -Werror=consumed
// expect: invalid invocation of method .operator\[\]. on .* in the .consumed. state
#include <memory_pages/pages.hpp>

#include <utility>

using namespace memory_pages;
using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;

int joined(ReadWrite front, ReadWrite behind) {
    const ReadWrite whole = std::move(front).join(std::move(behind));
#ifdef MUST_NOT_COMPILE
    return behind[0];
#endif
    return whole[0];
}
