// SPDX-License-Identifier: MIT
// Parts of pages that were released, and unmapped by other code.
#include <memory_pages/pages.hpp>

#include "support/probe.hpp"
#include "support/rounds.hpp"
#include "support/system_calls.hpp"

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
    EXPECT_TRUE(rounds::one_succeeds([page] {
        std::uint8_t* address = nullptr;
        {
            auto [front, behind] = ReadWrite(2 * page).split_at(page);
            address = std::move(front).release().address();
            EXPECT_EQ(::munmap(address, page), 0);
        }
        if (!system_calls::reserve_at(address, 2 * page)) {
            return false;
        }
        EXPECT_TRUE(system_calls::allow(address, 2 * page, true, true));
        auto pages = ReadWrite::adopt_unchecked(address, 2 * page);
        auto [front, behind] = std::move(pages).split_at(page);
        EXPECT_EQ(std::move(front).join(std::move(behind)).size(), 2 * page);
        return true;
    }));
}

}  // namespace
}  // namespace memory_pages
