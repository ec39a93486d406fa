// SPDX-License-Identifier: MIT
// Parts of pages that were released, and unmapped by whoever got them.
#include <memory_pages/pages.hpp>

#include "support/probe.hpp"

#include <gtest/gtest.h>

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <utility>

namespace memory_pages {
namespace {

using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;

TEST(ReleasedParts, LeaveTheirAddressesToOthers) {
    const std::size_t page = probe::page_size();
    void* address = nullptr;
    {
        auto [front, behind] = ReadWrite(2 * page).split_at(page);
        address = std::move(front).release().address;
        EXPECT_EQ(::munmap(address, page), 0);
    }
    ASSERT_EQ(::mmap(address, 2 * page, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0),
              address);
    auto pages =
        ReadWrite::adopt({.address = static_cast<std::uint8_t*>(address), .size = 2 * page});
    auto [front, behind] = std::move(pages).split_at(page);
    EXPECT_EQ(std::move(front).join(std::move(behind)).size(), 2 * page);
}

}  // namespace
}  // namespace memory_pages
