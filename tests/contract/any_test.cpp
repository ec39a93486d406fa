// SPDX-License-Identifier: MIT
#include "contract/contract.hpp"

#include "os/any.hpp"
#include "os/memory.hpp"
#include "os/reserve.hpp"
#include "support/probe.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>

namespace {

using namespace contract;

using OsAny = OsContract;

TEST_F(OsAny, UnmapsWholeMappingsAndReservations) {
    std::byte* const base = *os::map(3 * page(), 1, Access::read_write, Charge::charged);
    fill(base, 3 * page(), 5);
    ASSERT_TRUE(os::unmap_any(base, 3 * page()));
    EXPECT_FALSE(probe::holds(base, 5));
    std::byte* const reserved = *os::reserve(64 * page(), 1);
    ASSERT_TRUE(os::commit(reserved + page(), page(), Access::read_write));
    fill(reserved + page(), page(), 5);
    ASSERT_TRUE(os::unmap_any(reserved, 64 * page()));
    EXPECT_FALSE(probe::holds(reserved + page(), 5));
}

// Pitfall: windows-allocation-bounds
TEST_F(OsAny, UnmapsAPartOrChangesNothing) {
    std::byte* const base = *os::map(3 * page(), 1, Access::read_write, Charge::charged);
    fill(base, 3 * page(), 5);
    const os::Result<void> done = os::unmap_any(base + page(), page());
    EXPECT_TRUE(all_are(base, page(), 5));
    EXPECT_TRUE(all_are(base + 2 * page(), page(), 5));
    if (done) {
        EXPECT_FALSE(probe::holds(base + page(), 5));
        EXPECT_TRUE(os::unmap_any(base, page()));
        EXPECT_TRUE(os::unmap_any(base + 2 * page(), page()));
    } else {
        EXPECT_EQ(code_of(done), std::errc::operation_not_supported);
        EXPECT_TRUE(os::unmap_any(base, 3 * page()));
    }
}

TEST_F(OsAny, ResizesOrChangesNothing) {
    for (const bool may_move : {false, true}) {
        for (const std::size_t pages : {1U, 4U, 40U}) {
            std::byte* base = *os::map(4 * page(), 1, Access::read_write, Charge::charged);
            fill(base, 4 * page(), 5);
            std::size_t bytes = 4 * page();
            if (const auto moved = os::resize_any(base, bytes, pages * page(), may_move)) {
                EXPECT_TRUE(may_move || *moved == base);
                base = *moved;
                bytes = pages * page();
                if (bytes > 4 * page()) {
                    EXPECT_TRUE(all_are(base + 4 * page(), bytes - 4 * page(), 0));
                }
            } else {
                EXPECT_FALSE(may_move && os::can_move());
            }
            EXPECT_TRUE(all_are(base, std::min(bytes, 4 * page()), 5));
            EXPECT_TRUE(os::unmap_any(base, bytes));
        }
    }
}

TEST_F(OsAny, CommitsOverWhatIsCommitted) {
    const Reserved reserved(8 * page());
    ASSERT_TRUE(os::commit_any(reserved.base() + page(), page(), Access::read_write));
    fill(reserved.base() + page(), page(), 5);
    ASSERT_TRUE(os::commit_any(reserved.base(), 4 * page(), Access::read_write));
    EXPECT_TRUE(all_are(reserved.base(), page(), 0));
    EXPECT_TRUE(all_are(reserved.base() + page(), page(), 5));
    EXPECT_TRUE(all_are(reserved.base() + 2 * page(), 2 * page(), 0));
    EXPECT_FALSE(probe::can_read(reserved.base() + 4 * page()));
    ASSERT_TRUE(os::commit_any(reserved.base() + page(), page(), Access::read));
    EXPECT_FALSE(probe::can_write(reserved.base() + page()));
    EXPECT_TRUE(all_are(reserved.base() + page(), page(), 5));
    ASSERT_TRUE(os::commit_any(reserved.base(), 4 * page(), Access::read_write));
    fill(reserved.base(), 4 * page(), 6);
    ASSERT_TRUE(os::uncommit_any(reserved.base(), 8 * page()));
    EXPECT_FALSE(probe::can_read(reserved.base() + page()));
}

}  // namespace
