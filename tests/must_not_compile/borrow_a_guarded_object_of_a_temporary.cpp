// SPDX-License-Identifier: MIT
// expect-gcc: use of deleted function .*get
// expect-clang: (call to deleted member function .get|overload resolution selected deleted operator)
#include <memory_pages/guarded.hpp>

using namespace memory_pages;

int main() {
#ifdef MUST_NOT_COMPILE
    (void)Guarded<int>(1).get();
#endif
}
