// SPDX-License-Identifier: MIT
// expect-gcc: no matching function for call to .*::write_at
// expect-clang: invalid reference to function .write_at.: constraints not satisfied
#include <memory_pages/pages.hpp>

using namespace memory_pages;

int main() {
    Pages<AllowRead, DenyWrite, DenyExec> pages(1);
#ifdef MUST_NOT_COMPILE
    pages.write_at(0, {});
#endif
}
