// SPDX-License-Identifier: MIT
// expect: private
#include <memory_pages/pages.hpp>

using namespace memory_pages;
using ReadOnly = Pages<AllowRead, DenyWrite, DenyExec>;

int main() {
    auto raw = Pages<AllowRead, AllowWrite, DenyExec>(1).release();
#ifdef MUST_NOT_COMPILE
    auto pages = ReadOnly::adopt(RawPages<AllowRead, DenyWrite, DenyExec>({}));
#else
    auto pages = ReadOnly::adopt_unchecked(raw.address(), raw.size());
#endif
}
