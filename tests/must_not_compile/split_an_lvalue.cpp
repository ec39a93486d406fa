// SPDX-License-Identifier: MIT
// expect: write std::move.pages.[.]split_at
#include <memory_pages/pages.hpp>

using namespace memory_pages;

int main() {
    Pages<AllowRead, AllowWrite, DenyExec> pages(1);
#ifdef MUST_NOT_COMPILE
    auto parts = pages.split_at(1);
#endif
}
