// SPDX-License-Identifier: MIT
// expect-gcc: use of deleted function .*::as\(
// expect-clang: call to deleted member function .as
#include <memory_pages/pages.hpp>

using namespace memory_pages;

int main() {
#ifdef MUST_NOT_COMPILE
    (void)Pages<AllowRead, AllowWrite, DenyExec>(1).as<int>();
#endif
}
