// SPDX-License-Identifier: MIT
// expect: write std::move.pages.[.]deny_write
#include <memory_pages/pages.hpp>

using namespace memory_pages;

int main() {
    Pages<AllowRead, AllowWrite, DenyExec> pages(1);
#ifdef MUST_NOT_COMPILE
    auto frozen = pages.deny_write();
#endif
}
