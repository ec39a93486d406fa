// SPDX-License-Identifier: MIT
// expect-gcc: use of deleted function .*at
// expect-clang: (call to deleted member function .at|overload resolution selected deleted operator)
#include <memory_pages/pages.hpp>

using namespace memory_pages;

int main() {
#ifdef MUST_NOT_COMPILE
    (void)Pages<AllowRead, AllowWrite, DenyExec>(1).at(0);
#endif
}
