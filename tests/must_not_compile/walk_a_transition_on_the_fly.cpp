// SPDX-License-Identifier: MIT
// expect-gcc: use of deleted function .*bytes
// expect-clang: call to deleted member function .bytes
#include <memory_pages/pages.hpp>

#include <utility>

using namespace memory_pages;

int main() {
    Pages<AllowRead, AllowWrite, DenyExec> pages(1);
#ifdef MUST_NOT_COMPILE
    for (auto byte : std::move(pages).deny_write().bytes()) {
        return byte;
    }
#endif
    return 0;
}
