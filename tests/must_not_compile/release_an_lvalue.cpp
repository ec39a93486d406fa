// SPDX-License-Identifier: MIT
// expect: write std::move.pages.[.]release
#include <memory_pages/pages.hpp>

using namespace memory_pages;

int main() {
    Pages<AllowRead, AllowWrite, DenyExec> pages(1);
#ifdef MUST_NOT_COMPILE
    auto raw = pages.release();
#endif
}
