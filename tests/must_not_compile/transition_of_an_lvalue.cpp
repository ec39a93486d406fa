// SPDX-License-Identifier: MIT
// expect-gcc: (passing .* as .this. argument discards qualifiers|cannot bind)
// expect-clang: .this. argument .* is an lvalue
#include <memory_pages/pages.hpp>

using namespace memory_pages;

int main() {
    Pages<AllowRead, AllowWrite, DenyExec> pages(1);
#ifdef MUST_NOT_COMPILE
    auto frozen = pages.deny_write();
#endif
}
