// SPDX-License-Identifier: MIT
// Uses pages that may have been given up: Clang rejects it in strict mode.
#include <memory_pages/memory_pages.hpp>

#include <utility>

using namespace memory_pages;

void take(Pages<AllowRead, AllowWrite, DenyExec> pages);

int first(bool is_given) {
    Pages<AllowRead, AllowWrite, DenyExec> pages(1);
    if (is_given) {
        take(std::move(pages));
    }
    return pages[0];
}
