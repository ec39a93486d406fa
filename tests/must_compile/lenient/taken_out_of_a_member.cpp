// SPDX-License-Identifier: MIT
// A local object that was moved out of a member.
#include <memory_pages/pages.hpp>

#include <utility>

using namespace memory_pages;

using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;

int given_back() {
    ReadWrite pages(1);
    auto frozen = std::move(pages).try_deny_write();
    if (!frozen) {
        const ReadWrite still = std::move(frozen.error().pages);
        return still[0];
    }
    return (*frozen)[0];
}
