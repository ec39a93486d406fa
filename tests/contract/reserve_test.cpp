// SPDX-License-Identifier: MIT
#include "contract/contract.hpp"

#include "os/advice.hpp"
#include "os/contents.hpp"
#include "os/memory.hpp"
#include "os/reserve.hpp"
#include "support/probe.hpp"
#include "support/rounds.hpp"

#include <memory_pages/feature.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <system_error>

namespace {

using namespace contract;

using OsCommit = OsContract;
using OsMove = OsContract;
using OsReserve = OsContract;
using OsUncommit = OsContract;
using OsUnreserve = OsContract;

TEST_F(OsReserve, FaultsUntilCommitted) {
    for (std::size_t alignment = 1; alignment <= (std::size_t{64} << 20); alignment *= 64) {
        const Reserved reserved(100 * page(), alignment);
        EXPECT_TRUE(is_multiple(reserved.base(), std::max(alignment, page())));
        EXPECT_FALSE(probe::can_read(reserved.base()));
        std::byte* const part = reserved.base() + 10 * page();
        ASSERT_TRUE(os::commit(part, 5 * page(), Access::read_write));
        EXPECT_TRUE(all_are(part, 5 * page(), 0));
        EXPECT_TRUE(probe::can_write(part + 5 * page() - 1));
        EXPECT_FALSE(probe::can_read(part - 1));
        EXPECT_FALSE(probe::can_read(part + 5 * page()));
    }
}

TEST_F(OsReserve, UsesTheRequestedAddressIfFree) {
    EXPECT_TRUE(rounds::one_succeeds([bytes = 4 * os::allocation_granularity()] {
        std::byte* const base = *os::reserve(bytes, 1);
        os::release(base, bytes);
        const os::Result<std::byte*> there = mapped_by(os::reserve_at, base, bytes);
        if (!there) {
            EXPECT_EQ(there.error(), os::Error::address_in_use);
            return false;
        }
        EXPECT_EQ(*there, base);
        EXPECT_FALSE(probe::can_read(base));
        EXPECT_TRUE(os::commit(base, page(), Access::read_write) && all_are(base, page(), 0));
        os::release(base, bytes);
        return true;
    }));
}

// Pitfall: fixed-replaces
TEST_F(OsReserve, NeverReplacesMappings) {
    const std::size_t unit = os::allocation_granularity();
    const Reserved reserved(4 * unit);
    const Mapped mapped(4 * unit);
    ASSERT_TRUE(os::commit(reserved.base(), unit, Access::read_write));
    fill(reserved.base(), unit, 5);
    fill(mapped.base(), mapped.bytes(), 5);
    for (std::byte* const base : {reserved.base(), mapped.base()}) {
        for (const std::size_t offset : {std::size_t{0}, unit, 3 * unit}) {
            for (const std::size_t bytes : {unit, 4 * unit}) {
                const os::Result<std::byte*> there = os::reserve_at(base + offset, bytes);
                ASSERT_FALSE(there);
                EXPECT_EQ(there.error(), os::Error::address_in_use);
            }
        }
        EXPECT_EQ(os::reserve_at(base - unit, 2 * unit).error(), os::Error::address_in_use);
    }
    EXPECT_TRUE(all_are(reserved.base(), unit, 5));
    EXPECT_TRUE(all_are(mapped.base(), mapped.bytes(), 5));
}

TEST_F(OsReserve, RefusesAddressesThatProgramsDoNotHave) {
    if (!probe::counts_are_ours()) {
        GTEST_SKIP() << "a sanitizer ends programs that ask for such addresses";
    }
    auto* const beyond = reinterpret_cast<std::byte*>(  // NOLINT(performance-no-int-to-ptr)
        std::uintptr_t{1} << 62);
    EXPECT_EQ(os::reserve_at(beyond, os::allocation_granularity()).error(),
              os::Error::address_in_use);
}

TEST_F(OsCommit, GivesTheRequestedAccess) {
    const Reserved reserved(2 * page());
    ASSERT_TRUE(os::commit(reserved.base(), page(), Access::read));
    EXPECT_TRUE(probe::can_read(reserved.base()));
    EXPECT_FALSE(probe::can_write(reserved.base()));
}

TEST_F(OsCommit, KeepsBytesCommittedBefore) {
    const Reserved reserved(10 * page());
    for (std::size_t i = 0; i < 10; ++i) {
        ASSERT_TRUE(os::commit(reserved.base() + i * page(), page(), Access::read_write));
        fill(reserved.base() + i * page(), page(), 5);
    }
    EXPECT_TRUE(all_are(reserved.base(), 10 * page(), 5));
}

// Pitfall: recommit-old-bytes
// Pitfall: fixed-replaces
TEST_F(OsUncommit, FaultsAndReadsZeroWhenCommittedAgain) {
    const Reserved reserved(4 * page());
    ASSERT_TRUE(os::commit(reserved.base(), 4 * page(), Access::read_write));
    fill(reserved.base(), 4 * page(), 5);
    ASSERT_TRUE(os::uncommit(reserved.base() + page(), 2 * page()));
    EXPECT_FALSE(probe::can_read(reserved.base() + page()));
    EXPECT_FALSE(probe::can_read(reserved.base() + 3 * page() - 1));
    EXPECT_TRUE(all_are(reserved.base(), page(), 5));
    EXPECT_TRUE(all_are(reserved.base() + 3 * page(), page(), 5));
    ASSERT_TRUE(os::commit(reserved.base() + page(), 2 * page(), Access::read_write));
    EXPECT_TRUE(all_are(reserved.base() + page(), 2 * page(), 0));
}

TEST_F(OsMove, MovesBytesOrChangesNothing) {
    Reserved from(8 * page());
    const Reserved to(16 * page());
    ASSERT_TRUE(os::commit(from.base(), 4 * page(), Access::read_write));
    fill(from.base(), 4 * page(), 5);
    ASSERT_TRUE(os::advise(from.base() + page(), page(), Advice::random));
    ASSERT_TRUE(os::commit(to.base() + 4 * page(), page(), Access::read_write));
    const os::Result<void> moved = os::move(from.base(), 4 * page(), to.base());
    if (!moved) {
        EXPECT_TRUE(is_not_supported(moved.error())) << moved.error();
        EXPECT_TRUE(all_are(from.base(), 4 * page(), 5));
        EXPECT_FALSE(probe::can_read(to.base()));
        return;
    }
    EXPECT_FALSE(probe::holds(from.base(), 5));
    from.lose_front(4 * page());
    EXPECT_TRUE(all_are(to.base(), 4 * page(), 5));
    EXPECT_TRUE(probe::can_write(to.base()));
    EXPECT_TRUE(all_are(to.base() + 4 * page(), page(), 0));
    EXPECT_FALSE(probe::can_read(to.base() + 5 * page()));
}

TEST_F(OsUnreserve, LeavesNothingMapped) {
    std::byte* base = nullptr;
    {
        const Reserved reserved(4 * page());
        base = reserved.base();
        ASSERT_TRUE(os::commit(base, page(), Access::read_write));
        fill(base, page(), 5);
    }
    EXPECT_FALSE(probe::holds(base, 5));
}

TEST_F(OsCommit, SplitsAFrontIntoAMappingAndBack) {
    const os::Result<std::byte*> base = os::reserve(8 * page(), 1);
    ASSERT_TRUE(base);
    ASSERT_TRUE(os::commit(*base, 2 * page(), Access::read_write));
    fill(*base, 2 * page(), 5);
    os::reservation_to_mapping(*base, 8 * page(), 2 * page());
    EXPECT_TRUE(all_are(*base, 2 * page(), 5));
    EXPECT_FALSE(probe::can_read(*base + 2 * page()));
    ASSERT_TRUE(os::protect(*base, 2 * page(), Access::read));
    ASSERT_TRUE(os::protect(*base, 2 * page(), Access::read_write));
    os::mapping_to_reservation(*base, 2 * page());
    ASSERT_TRUE(os::uncommit(*base + page(), page()));
    EXPECT_FALSE(probe::can_read(*base + page()));
    EXPECT_TRUE(all_are(*base, page(), 5));
    os::release(*base, 2 * page());
    EXPECT_FALSE(probe::holds(*base, 5));
}

using MovedMemory = OsMemory;
using UncommittedMemory = OsMemory;

// Pitfall: deny-is-not-free
TEST_F(UncommittedMemory, IsReturnedWithItsCharge) {
    const Reserved reserved(64 * page());
    EXPECT_FALSE(probe::is_charged(reserved.base()));
    ASSERT_TRUE(os::commit(reserved.base(), 64 * page(), Access::read_write));
    EXPECT_EQ(probe::is_charged(reserved.base()), is_supported(Feature::commit_charge));
    fill(reserved.base(), 64 * page(), 1);
    ASSERT_EQ(probe::resident_bytes(reserved.base(), 64 * page()), 64 * page());
    ASSERT_TRUE(os::uncommit(reserved.base(), 64 * page()));
    EXPECT_FALSE(probe::is_charged(reserved.base()));
    EXPECT_EQ(probe::resident_bytes(reserved.base(), 64 * page()), 0U);
}

TEST_F(MovedMemory, IsNotCopiedWherePagesMove) {
    Reserved from(64 * page());
    const Reserved to(65 * page());
    ASSERT_TRUE(os::commit(from.base(), 64 * page(), Access::read_write));
    ASSERT_TRUE(os::commit(to.base() + 64 * page(), page(), Access::read_write));
    fill(from.base(), 32 * page(), 1);
    // More than was filled if the system made a huge page of it.
    const std::size_t resident = probe::resident_bytes(from.base(), 64 * page());
    const std::uint64_t before = probe::page_faults();
    const os::Result<void> moved = os::move(from.base(), 64 * page(), to.base());
    ASSERT_EQ(moved.has_value(), is_supported(Feature::moving_pages));
    if (moved) {
        from.lose_front(64 * page());
        EXPECT_EQ(probe::resident_bytes(to.base(), 64 * page()), resident);
        EXPECT_LT(probe::page_faults() - before, 32U);
    }
}

}  // namespace
