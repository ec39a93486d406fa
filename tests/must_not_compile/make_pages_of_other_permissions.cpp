// SPDX-License-Identifier: MIT
// expect-gcc: no matching function for call to
// expect-clang: no matching (constructor|conversion)
#include <memory_pages/pages.hpp>

#include <utility>

using namespace memory_pages;

int main() {
    Pages<AllowRead, AllowWrite, DenyExec> pages(1);
#ifdef MUST_NOT_COMPILE
    Pages<AllowRead, DenyWrite, DenyExec> frozen(std::move(pages));
#endif
}
