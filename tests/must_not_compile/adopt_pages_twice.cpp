// SPDX-License-Identifier: MIT
// expect-gcc: cannot bind rvalue reference
// expect-clang: cannot bind to lvalue
#include <memory_pages/pages.hpp>

#include <utility>

using namespace memory_pages;
using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;

int main() {
    auto raw = ReadWrite(1).release();
#ifdef MUST_NOT_COMPILE
    auto pages = ReadWrite::adopt(raw);
#else
    auto pages = ReadWrite::adopt(std::move(raw));
#endif
}
