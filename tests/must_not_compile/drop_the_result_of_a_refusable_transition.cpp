// SPDX-License-Identifier: MIT
// flags: -Werror=unused-result
// expect-gcc: ignoring return(ed)? value .*nodiscard
// expect-clang: ignoring return value .*nodiscard
#include <memory_pages/pages.hpp>

#include <utility>

using namespace memory_pages;

int main() {
    Pages<AllowRead, AllowWrite, DenyExec> pages(1);
#ifdef MUST_NOT_COMPILE
    std::move(pages).try_deny_write();
#endif
}
