// SPDX-License-Identifier: MIT
// expect-gcc: could not convert|no known conversion|cannot convert
// expect-clang: no viable conversion
#include <memory_pages/pages.hpp>

#include <utility>

using namespace memory_pages;

int main() {
    Pages<AllowRead, DenyWrite, DenyExec> pages(1);
    auto raw = std::move(pages).release();
#ifdef MUST_NOT_COMPILE
    auto writable = Pages<AllowRead, AllowWrite, DenyExec>::adopt(std::move(raw));
#endif
}
