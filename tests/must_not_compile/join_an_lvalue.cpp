// SPDX-License-Identifier: MIT
// expect: write std::move.pages.[.]join.std::move.behind
#include <memory_pages/pages.hpp>

#include <utility>

using namespace memory_pages;

int main() {
    Pages<AllowRead, AllowWrite, DenyExec> pages(1);
    Pages<AllowRead, AllowWrite, DenyExec> behind(1);
#ifdef MUST_NOT_COMPILE
    auto whole = std::move(pages).join(behind);
#endif
}
