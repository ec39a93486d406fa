// SPDX-License-Identifier: MIT
#include "contract/contract.hpp"

#include "os/advice.hpp"
#include "os/any.hpp"
#include "os/contents.hpp"
#include "os/huge.hpp"
#include "os/memory.hpp"
#include "support/enumerators.hpp"
#include "support/probe.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace {

using namespace contract;

using OsClear = OsContract;
using OsCopy = OsContract;
using OsDecommit = OsContract;
using OsPopulate = OsContract;
using OsZero = OsContract;

TEST_F(OsDecommit, KeepsPagesUsableAndNeighboursUnchanged) {
    for (const auto verb : {os::decommit, os::discard, os::decommit_any, os::discard_any}) {
        const Mapped mapped(3 * page());
        fill(mapped.base(), mapped.bytes(), 5);
        ASSERT_TRUE(verb(mapped.base() + page(), page()));
        EXPECT_TRUE(all_are(mapped.base(), page(), 5));
        EXPECT_TRUE(all_are(mapped.base() + 2 * page(), page(), 5));
        fill(mapped.base() + page(), page(), 6);
        EXPECT_TRUE(all_are(mapped.base() + page(), page(), 6));
    }
}

TEST_F(OsDecommit, KeepsManyRangesUsableAndNeighboursUnchanged) {
    for (const auto verb : {os::decommit_all, os::discard_all}) {
        const Mapped mapped(7 * page());
        fill(mapped.base(), mapped.bytes(), 5);
        std::byte* const base = mapped.base();
        const std::array ranges = {os::Range{base + 5 * page(), page()},
                                   os::Range{base + page(), 2 * page()}};
        ASSERT_TRUE(verb(ranges));
        for (const std::size_t kept : {0U, 3U, 4U, 6U}) {
            EXPECT_TRUE(all_are(base + kept * page(), page(), 5)) << kept;
        }
        for (const auto& [first, bytes] : ranges) {
            fill(first, bytes, 6);
            EXPECT_TRUE(all_are(first, bytes, 6));
        }
    }
}

// Pitfall: emulator-keeps-bytes
TEST_F(OsZero, ZeroesPagesAndKeepsNeighbours) {
    for (const std::size_t count :
         {std::size_t{1}, std::size_t{16}, std::size_t{17}, std::size_t{500}}) {
        for (const auto verb : {os::zero, os::zero_any}) {
            const Mapped mapped((count + 2) * page());
            fill(mapped.base(), mapped.bytes(), 5);
            ASSERT_TRUE(verb(mapped.base() + page(), count * page()));
            EXPECT_TRUE(all_are(mapped.base(), page(), 5));
            EXPECT_TRUE(all_are(mapped.base() + page(), count * page(), 0));
            EXPECT_TRUE(all_are(mapped.base() + (count + 1) * page(), page(), 5));
        }
    }
}

// Pitfall: lazy-free-stays-resident
TEST_F(OsZero, ZeroesDiscardedPages) {
    const Mapped mapped(40 * page());
    fill(mapped.base(), mapped.bytes(), 5);
    ASSERT_TRUE(os::discard(mapped.base(), mapped.bytes()));
    ASSERT_TRUE(os::zero(mapped.base(), mapped.bytes()));
    EXPECT_TRUE(all_are(mapped.base(), mapped.bytes(), 0));
}

TEST_F(OsClear, ZeroesPagesAndKeepsNeighbours) {
    constexpr std::size_t past_the_caches = std::size_t{32} << 20;
    const Mapped mapped(past_the_caches + 3 * page());
    for (const std::size_t bytes : {page(), 17 * page(), past_the_caches - page(), past_the_caches,
                                    past_the_caches + page()}) {
        fill(mapped.base(), mapped.bytes(), 5);
        os::clear(mapped.base() + page(), bytes);
        EXPECT_TRUE(all_are(mapped.base(), page(), 5));
        EXPECT_TRUE(all_are(mapped.base() + page(), bytes, 0)) << bytes;
        EXPECT_TRUE(all_are(mapped.base() + page() + bytes, page(), 5)) << bytes;
    }
}

// Pitfall: populate-writes
TEST_F(OsPopulate, KeepsBytesWhenPopulatedAndAdvised) {
    for (const Access access : {Access::read, Access::read_write, Access::write, Access::read_exec,
                                Access::read_write_exec}) {
        if (!can_be_set(access)) {
            continue;
        }
        const Mapped mapped(4 * page());
        fill(mapped.base(), 2 * page(), 5);
        ASSERT_TRUE(os::protect(mapped.base(), mapped.bytes(), access));
        ASSERT_TRUE(os::populate(mapped.base() + page(), 3 * page(), access));
        for (const Advice advice : enumerators::every<Advice>) {
            ASSERT_TRUE(os::advise(mapped.base() + page(), 2 * page(), advice));
        }
        ASSERT_TRUE(os::protect(mapped.base(), mapped.bytes(), Access::read));
        EXPECT_TRUE(all_are(mapped.base(), 2 * page(), 5));
        EXPECT_TRUE(all_are(mapped.base() + 2 * page(), 2 * page(), 0));
    }
}

TEST_F(OsCopy, CopiesEveryWrittenByte) {
    Mapped from(1024 * page());
    Mapped to(1024 * page());
    fill(from.base(), page(), 1);
    fill(from.base() + 700 * page(), 2 * page(), 2);
    from.base()[1000 * page() - 1] = std::byte{3};
    os::copy(to.base(), from.base(), 1024 * page());
    EXPECT_TRUE(std::equal(from.base(), from.base() + from.bytes(), to.base()));
}

using ClearedMemory = OsMemory;
using CopiedMemory = OsMemory;
using DecommittedMemory = OsMemory;
using PopulatedMemory = OsMemory;
using ZeroedMemory = OsMemory;

TEST_F(CopiedMemory, IsNotUsedForUntouchedPages) {
    Mapped from(1024 * page());
    Mapped to(1024 * page());
    os::set_huge_pages(from.base(), from.bytes(), HugePages::never);
    os::set_huge_pages(to.base(), to.bytes(), HugePages::never);
    fill(from.base() + 7 * page(), page(), 1);
    os::copy(to.base(), from.base(), 1024 * page());
    EXPECT_EQ(probe::resident_bytes(to.base(), to.bytes()), page());
}

// Pitfall: posix-madvise-frees-nothing
TEST_F(DecommittedMemory, IsReturnedToTheSystem) {
    for (const auto verb : {os::decommit, os::decommit_any}) {
        const Mapped mapped(64 * page());
        fill(mapped.base(), mapped.bytes(), 1);
        ASSERT_EQ(probe::resident_bytes(mapped.base(), mapped.bytes()), mapped.bytes());
        ASSERT_TRUE(verb(mapped.base() + page(), 62 * page()));
        EXPECT_EQ(probe::resident_bytes(mapped.base(), mapped.bytes()), 2 * page());
    }
}

TEST_F(DecommittedMemory, IsReturnedForManyRanges) {
    const Mapped mapped(4 * page());
    for (const std::size_t count : {1U, 2U, 1023U, 1024U, 1025U, 3000U}) {
        fill(mapped.base(), mapped.bytes(), 1);
        // More ranges than one call takes, over little memory: the last range is elsewhere.
        std::vector<os::Range> ranges(count, {mapped.base(), page()});
        ranges.back().base += 2 * page();
        ASSERT_TRUE(os::decommit_all(ranges));
        EXPECT_EQ(probe::resident_bytes(mapped.base(), page()), count == 1 ? page() : 0U);
        EXPECT_EQ(probe::resident_bytes(mapped.base() + page(), page()), page());
        EXPECT_EQ(probe::resident_bytes(mapped.base() + 2 * page(), page()), 0U);
        EXPECT_EQ(probe::resident_bytes(mapped.base() + 3 * page(), page()), page());
    }
}

// Pitfall: zero-by-dropping-slow
TEST_F(ZeroedMemory, IsReturnedForManyPagesAndKeptForFew) {
    for (const std::size_t count : {1U, 16U, 17U, 640U}) {
        const Mapped mapped(count * page());
        fill(mapped.base(), mapped.bytes(), 1);
        ASSERT_TRUE(os::zero(mapped.base(), mapped.bytes()));
        EXPECT_EQ(probe::resident_bytes(mapped.base(), mapped.bytes()),
                  count > 16 ? 0U : mapped.bytes());
    }
}

TEST_F(ClearedMemory, StaysResident) {
    const Mapped mapped(640 * page());
    fill(mapped.base(), mapped.bytes(), 1);
    os::clear(mapped.base(), mapped.bytes());
    EXPECT_EQ(probe::resident_bytes(mapped.base(), mapped.bytes()), mapped.bytes());
}

/// Not sanitized: the checks of each access would touch shadow memory.
[[gnu::no_sanitize_address]] void touch_each_page(volatile std::byte* base, std::size_t bytes,
                                                  Access access) {
    for (std::size_t i = 0; i < bytes; i += page()) {
        if (access == Access::read_write) {
            base[i] = std::byte{1};
        } else {
            (void)base[i];
        }
    }
}

TEST_F(PopulatedMemory, IsResidentAndDoesNotFault) {
    if (!probe::advice_acts()) {
        GTEST_SKIP() << "an emulator takes all advice, and does nothing";
    }
    if (!probe::counts_are_ours()) {
        GTEST_SKIP() << "a shadow of all memory is counted too";
    }
    for (const Access access : {Access::read, Access::read_write}) {
        const Mapped mapped(64 * page(), access);
        ASSERT_TRUE(os::populate(mapped.base(), mapped.bytes(), access));
        EXPECT_EQ(probe::resident_bytes(mapped.base(), mapped.bytes()), mapped.bytes());
        const std::uint64_t before = probe::page_faults();
        touch_each_page(mapped.base(), mapped.bytes(), access);
        EXPECT_LT(probe::page_faults() - before, 32U);
    }
}

}  // namespace
