// SPDX-License-Identifier: MIT
// expect-gcc: use of deleted function .*begin
// expect-clang: invalid range expression|no matching member function for call to .begin
#include <memory_pages/pages.hpp>

using namespace memory_pages;

int main() {
    Pages<DenyRead, DenyWrite, DenyExec> pages(1);
#ifdef MUST_NOT_COMPILE
    for (auto byte : pages) {
        return byte;
    }
#endif
    return 0;
}
