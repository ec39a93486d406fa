// SPDX-License-Identifier: MIT
// expect-gcc: use of deleted function .*address
// expect-clang: call to deleted member function .address
#include <memory_pages/pages.hpp>

using namespace memory_pages;

int main() {
#ifdef MUST_NOT_COMPILE
    (void)Pages<AllowRead, AllowWrite, DenyExec>(1).address();
#endif
}
