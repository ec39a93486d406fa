// SPDX-License-Identifier: MIT
// expect: pages with different permissions cannot be joined
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
