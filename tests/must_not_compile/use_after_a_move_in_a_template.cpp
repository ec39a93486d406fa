// SPDX-License-Identifier: MIT
// compiler: clang
// flags: -Wconsumed -Werror=consumed
// expect: invalid invocation of method .operator\[\]. on .* in the .consumed. state
#include <memory_pages/pages.hpp>

#include <utility>

using namespace memory_pages;

template <class T>
int first() {
    T pages(1);
    const auto frozen = std::move(pages).deny_write();
#ifdef MUST_NOT_COMPILE
    return pages[0];
#endif
    return frozen[0];
}

int main() { return first<Pages<AllowRead, AllowWrite, DenyExec>>(); }
