// SPDX-License-Identifier: MIT
// expect-gcc: cannot bind rvalue reference of type|cannot convert
// expect-clang: no viable conversion|no matching member function|no known conversion
#include <memory_pages/pages.hpp>

#include <utility>

using namespace memory_pages;

void join(Pages<AllowRead, AllowWrite, DenyExec> front,
          Pages<AllowRead, DenyWrite, DenyExec> behind) {
#ifdef MUST_NOT_COMPILE
    const auto whole = std::move(front).join(std::move(behind));
#else
    (void)front;
    (void)behind;
#endif
}
