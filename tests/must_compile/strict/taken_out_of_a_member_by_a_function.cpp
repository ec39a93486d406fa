// SPDX-License-Identifier: MIT
// A local object that was moved out of a member by a function: its result is never empty.
#include <memory_pages/pages.hpp>

#include <utility>

using namespace memory_pages;

using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;

ReadWrite taken(ReadWrite pages) { return pages; }

int given_back() {
    ReadWrite pages(1);
    auto frozen = std::move(pages).try_deny_write();
    if (!frozen) {
        const ReadWrite still = taken(std::move(frozen.error().pages));
        return still[0];
    }
    return (*frozen)[0];
}
