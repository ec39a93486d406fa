// SPDX-License-Identifier: MIT
// expect: not writable: std::move.pages.[.]allow_write
#include <memory_pages/pages.hpp>

using namespace memory_pages;

int main() {
    Pages<AllowRead, DenyWrite, DenyExec> pages(1);
#ifdef MUST_NOT_COMPILE
    pages.resize(2);
#endif
}
