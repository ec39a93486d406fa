// SPDX-License-Identifier: MIT
// expect-gcc: use of deleted function .*get_ptr
// expect-clang: (call to deleted member function .get_ptr|overload resolution selected deleted operator)
#include <memory_pages/pages.hpp>

using namespace memory_pages;

int main() {
#ifdef MUST_NOT_COMPILE
    (void)Pages<AllowRead, AllowWrite, DenyExec>(1).get_ptr();
#endif
}
