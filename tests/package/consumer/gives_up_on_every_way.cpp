// SPDX-License-Identifier: MIT
// Uses pages after they were given up: Clang rejects it by default.
#include <memory_pages/memory_pages.hpp>

#include <utility>

using namespace memory_pages;

int first() {
    Pages<AllowRead, AllowWrite, DenyExec> pages(1);
    const auto frozen = std::move(pages).deny_write();
    return pages[0] + frozen[0];
}
