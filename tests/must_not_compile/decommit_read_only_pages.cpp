// SPDX-License-Identifier: MIT
// expect-gcc: no matching function for call to .*::decommit
// expect-clang: no matching member function for call to .decommit.
#include <memory_pages/pages.hpp>

using namespace memory_pages;

int main() {
    Pages<AllowRead, DenyWrite, DenyExec> pages(1);
#ifdef MUST_NOT_COMPILE
    pages.decommit();
#endif
}
