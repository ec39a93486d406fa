// SPDX-License-Identifier: MIT
// expect-gcc: no matching function for call to .*::resize
// expect-clang: invalid reference to function .resize.: constraints not satisfied
#include <memory_pages/pages.hpp>

using namespace memory_pages;

int main() {
    Pages<AllowRead, DenyWrite, DenyExec> pages(1);
#ifdef MUST_NOT_COMPILE
    pages.resize(2);
#endif
}
