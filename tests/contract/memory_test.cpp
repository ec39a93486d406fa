// SPDX-License-Identifier: MIT
#include "contract/contract.hpp"

#include "os/advice.hpp"
#include "os/huge.hpp"
#include "os/memory.hpp"
#include "support/probe.hpp"
#include "support/rounds.hpp"

#include <memory_pages/feature.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <limits>
#include <system_error>

namespace {

using namespace contract;

using OsMap = OsContract;
using OsPageSizes = OsContract;
using OsProtect = OsContract;
using OsResize = OsContract;
using OsUnmap = OsContract;

// Pitfall: huge-page-sizes
TEST_F(OsPageSizes, ArePowersOfTwoAndWholePages) {
    EXPECT_EQ(os::page_size(), probe::page_size());
    EXPECT_TRUE(std::has_single_bit(os::page_size()));
    EXPECT_GE(os::page_size(), 4096U);
    EXPECT_TRUE(std::has_single_bit(os::allocation_granularity()));
    EXPECT_GE(os::allocation_granularity(), os::page_size());
    const std::size_t huge = os::huge_page_size();
    EXPECT_TRUE(huge == 0 || (std::has_single_bit(huge) && huge > os::page_size())) << huge;
    EXPECT_TRUE(os::transparent_huge_page_size() == 0 || os::transparent_huge_page_size() == huge);
}

// Pitfall: alignment-by-size
TEST_F(OsMap, GivesZeroedAlignedPages) {
    for (std::size_t alignment = 1; alignment <= (std::size_t{64} << 20); alignment *= 4) {
        for (const std::size_t count : {std::size_t{1}, std::size_t{7}, std::size_t{600}}) {
            const Mapped mapped(count * page(), Access::read_write, alignment);
            EXPECT_TRUE(
                is_multiple(mapped.base(), std::max(alignment, os::allocation_granularity())));
            EXPECT_TRUE(all_are(mapped.base(), mapped.bytes(), 0));
            fill(mapped.base(), mapped.bytes(), 1);
        }
    }
}

TEST_F(OsMap, GivesExactlyTheRequestedAccess) {
    if (!probe::permissions_are_told()) {
        GTEST_SKIP() << "an emulator keeps the permissions, and denies less";
    }
    for (const Access access : every_access) {
        if (!can_be_mapped(access)) {
            EXPECT_FALSE(mapped_by(os::map, page(), std::size_t{1}, access, Charge::charged));
            continue;
        }
        const Mapped mapped(3 * page(), access);
        for (std::size_t offset : {std::size_t{0}, 3 * page() - 1}) {
            std::byte* const byte = mapped.base() + offset;
            EXPECT_EQ(can_write(byte), allows(access, Access::write));
            if (allows(access, Access::read) || access == Access::none) {
                EXPECT_EQ(probe::can_read(byte), access != Access::none);
            } else if (os::is_enforced(access)) {
                EXPECT_FALSE(probe::can_read(byte));
            }
        }
    }
}

TEST_F(OsUnmap, LeavesNothingMapped) {
    std::byte* const base = *os::map(3 * page(), 1, Access::read_write, Charge::charged);
    fill(base, 3 * page(), 1);
    os::unmap(base, 3 * page());
    EXPECT_FALSE(probe::holds(base, 1));
    EXPECT_FALSE(probe::holds(base + 3 * page() - 1, 1));
}

/// Unmaps three parts of a mapping, this one last. Returns whether their addresses are free then.
bool frees_three_parts(std::size_t last) {
    std::byte* const base = *os::map(6 * page(), 1, Access::read_write, Charge::charged);
    fill(base, 6 * page(), 5);
    const auto part = [&](std::size_t i) { return base + 2 * i * page(); };
    EXPECT_TRUE(os::note_split(base, false));
    EXPECT_TRUE(os::note_split(part(1), true));
    for (std::size_t i = 0; i < 3; ++i) {
        if (i != last) {
            os::unmap_part(part(i), 2 * page());
            EXPECT_FALSE(probe::holds(part(i), 5));
            EXPECT_TRUE(all_are(part(last), 2 * page(), 5));
        }
    }
    EXPECT_TRUE(os::protect(part(last), 2 * page(), Access::read));
    EXPECT_TRUE(all_are(part(last), 2 * page(), 5));
    os::unmap_part(part(last), 2 * page());
    EXPECT_FALSE(probe::holds(part(last), 5));
    return can_be_reserved(base, 6 * page());
}

// Pitfall: windows-allocation-bounds
TEST_F(OsUnmap, FreesPartsInAnyOrder) {
    for (const std::size_t last : {0U, 1U, 2U}) {
        EXPECT_TRUE(rounds::one_succeeds([last] { return frees_three_parts(last); }))
            << "addresses are lost";
    }
}

TEST_F(OsUnmap, FreesJoinedPartsAsOneMapping) {
    const Mapped mapped(2 * page());
    fill(mapped.base(), mapped.bytes(), 5);
    ASSERT_TRUE(os::note_split(mapped.base(), false));
    os::note_join(mapped.base(), false);
    EXPECT_TRUE(all_are(mapped.base(), mapped.bytes(), 5));
}

TEST_F(OsUnmap, UnmapsManyMappingsByOneCall) {
    std::array<os::Range, 3> mappings{};
    for (os::Range& mapping : mappings) {
        mapping = {*os::map(page(), 1, Access::read_write, Charge::charged), page()};
        fill(mapping.base, page(), 5);
    }
    const std::array kept = mappings;
    os::unmap_all(mappings);
    for (const os::Range& mapping : kept) {
        EXPECT_FALSE(probe::holds(mapping.base, 5));
    }
}

TEST_F(OsMap, RefusesSizesThatFitNowhere) {
    const std::size_t most = std::numeric_limits<std::size_t>::max() & ~(page() - 1);
    for (const std::size_t bytes : {most / 4 & ~(page() - 1), most / 2 & ~(page() - 1)}) {
        for (const std::size_t alignment : {std::size_t{1}, std::size_t{1} << 30}) {
            EXPECT_EQ(
                code_of(mapped_by(os::map, bytes, alignment, Access::read, Charge::uncharged)),
                std::errc::not_enough_memory);
            EXPECT_EQ(code_of(os::reserve(bytes, alignment)), std::errc::not_enough_memory);
        }
    }
}

TEST_F(OsResize, GrowsWithBytesAndAccessOrChangesNothing) {
    for (const Access access : {Access::read_write, Access::read}) {
        Mapped mapped(8 * page());
        fill(mapped.base(), mapped.bytes(), 5);
        ASSERT_TRUE(os::protect(mapped.base(), mapped.bytes(), access));
        const std::error_code refused = mapped.resize(100 * page());
        EXPECT_TRUE(!refused || is_not_supported(refused)) << refused;
        EXPECT_EQ(mapped.bytes(), refused ? 8 * page() : 100 * page());
        EXPECT_TRUE(all_are(mapped.base(), 8 * page(), 5));
        EXPECT_TRUE(all_are(mapped.base() + 8 * page(), mapped.bytes() - 8 * page(), 0));
        std::byte* const last = mapped.base() + mapped.bytes() - 1;
        EXPECT_EQ(probe::can_write(last), access == Access::read_write);
    }
}

TEST_F(OsResize, ChangesNothingWhenTheSizeFitsNowhere) {
    Mapped mapped(8 * page());
    fill(mapped.base(), mapped.bytes(), 5);
    EXPECT_TRUE(mapped.resize(std::size_t{1} << 62));
    EXPECT_TRUE(all_are(mapped.base(), 8 * page(), 5));
}

TEST_F(OsResize, ShrinksWithBytesAndAccess) {
    for (const Access access : {Access::read_write, Access::read}) {
        Mapped mapped(8 * page());
        fill(mapped.base(), mapped.bytes(), 5);
        ASSERT_TRUE(os::protect(mapped.base(), mapped.bytes(), access));
        std::byte* const old_base = mapped.base();
        const std::error_code refused = mapped.resize(2 * page());
        if (is_not_supported(refused)) {
            EXPECT_TRUE(all_are(mapped.base(), 8 * page(), 5));
            continue;
        }
        ASSERT_EQ(refused, std::error_code());
        EXPECT_TRUE(all_are(mapped.base(), 2 * page(), 5));
        EXPECT_EQ(probe::can_write(mapped.base()), access == Access::read_write);
        EXPECT_FALSE(probe::holds(old_base + 2 * page(), 5));
        EXPECT_FALSE(probe::holds(old_base + 8 * page() - 1, 5));
    }
}

TEST_F(OsResize, ZeroesPagesThatWereCutOffAndAdded) {
    Mapped mapped(8 * page());
    fill(mapped.base(), mapped.bytes(), 5);
    (void)mapped.resize(2 * page());
    const std::size_t kept = mapped.bytes();
    (void)mapped.resize(8 * page());
    EXPECT_TRUE(all_are(mapped.base(), kept, 5));
    EXPECT_TRUE(all_are(mapped.base() + kept, mapped.bytes() - kept, 0));
}

TEST_F(OsResize, KeepsTheAlignmentOrChangesNothing) {
    constexpr std::size_t alignment = std::size_t{4} << 20;
    for (int i = 0; i < 8; ++i) {
        Mapped mapped(3 * page(), Access::read_write, alignment);
        fill(mapped.base(), mapped.bytes(), 5);
        const std::error_code refused = mapped.resize(1000 * page(), alignment);
        EXPECT_TRUE(!refused || is_not_supported(refused)) << refused;
        EXPECT_TRUE(is_multiple(mapped.base(), alignment));
        EXPECT_TRUE(all_are(mapped.base(), 3 * page(), 5));
        EXPECT_TRUE(all_are(mapped.base() + 3 * page(), mapped.bytes() - 3 * page(), 0));
    }
}

TEST_F(OsResize, WorksAfterAdviceOnParts) {
    Mapped mapped(16 * page());
    fill(mapped.base(), mapped.bytes(), 5);
    ASSERT_TRUE(os::advise(mapped.base() + 4 * page(), 4 * page(), Advice::random));
    const std::error_code refused = mapped.resize(64 * page());
    EXPECT_TRUE(!refused || is_not_supported(refused)) << refused;
    EXPECT_TRUE(all_are(mapped.base(), 16 * page(), 5));
}

// Pitfall: protect-by-remap
TEST_F(OsProtect, KeepsBytesAndChangesOneRange) {
    if (!probe::permissions_are_told()) {
        GTEST_SKIP() << "an emulator keeps the permissions, and denies less";
    }
    for (const Access access : every_access) {
        const Mapped mapped(3 * page());
        fill(mapped.base(), mapped.bytes(), 5);
        std::byte* const middle = mapped.base() + page();
        ASSERT_EQ(os::protect(middle, page(), access).has_value(), can_be_set(access));
        EXPECT_EQ(probe::can_write(middle), !can_be_set(access) || allows(access, Access::write));
        EXPECT_TRUE(probe::can_write(middle - 1));
        EXPECT_TRUE(probe::can_write(middle + page()));
        ASSERT_TRUE(os::protect(middle, page(), Access::read_write));
        EXPECT_TRUE(all_are(mapped.base(), mapped.bytes(), 5));
    }
}

TEST_F(OsProtect, EnforcesAtLeastWhatEveryProcessorDoes) {
    for (const Access access :
         {Access::none, Access::read, Access::read_write, Access::read_exec}) {
        EXPECT_TRUE(os::is_enforced(access));
    }
    if (!probe::permissions_are_told()) {
        GTEST_SKIP() << "an emulator keeps the permissions, and denies less";
    }
    for (const Access access : {Access::write, Access::exec, Access::write_exec}) {
        if (!can_be_mapped(access)) {
            continue;
        }
        const Mapped mapped(page(), access);
        EXPECT_EQ(os::is_enforced(access), !probe::can_read(mapped.base()))
            << static_cast<int>(access);
    }
}

using MappedMemory = OsMemory;
using ResizedMemory = OsMemory;

// Pitfall: populate-unasked
TEST_F(MappedMemory, IsNotUsedBeforeATouch) {
    const Mapped mapped(64 * page());
    const Reserved reserved(64 * page());
    EXPECT_EQ(probe::resident_bytes(mapped.base(), 64 * page()), 0U);
    EXPECT_EQ(probe::resident_bytes(reserved.base(), 64 * page()), 0U);
}

// Pitfall: overcommit
TEST_F(MappedMemory, IsChargedUnlessUnchargedIsRequested) {
    const Mapped charged(4 * page());
    const Mapped uncharged(4 * page(), Access::read_write, 1, Charge::uncharged);
    const bool is_promised = is_supported(Feature::commit_charge);
    EXPECT_EQ(probe::is_charged(charged.base()), is_promised);
    EXPECT_EQ(probe::is_charged(uncharged.base()),
              is_promised && !is_supported(Feature::uncharged_pages));
}

TEST_F(ResizedMemory, KeepsItsCharge) {
    Mapped uncharged(400 * page(), Access::read_write, 1, Charge::uncharged);
    const bool is_charged = probe::is_charged(uncharged.base());
    for (const std::size_t count : {std::size_t{4}, std::size_t{800}}) {
        const std::error_code refused = uncharged.resize(count * page());
        EXPECT_TRUE(!refused || is_not_supported(refused)) << refused;
        EXPECT_EQ(probe::is_charged(uncharged.base()), is_charged);
        EXPECT_EQ(probe::is_charged(uncharged.base() + uncharged.bytes() - 1), is_charged);
    }
}

TEST_F(MappedMemory, TakesNoExtraAddressSpaceWhenAligned) {
    const std::size_t before = probe::address_space_bytes();
    const Mapped mapped(4 * page(), Access::read_write, std::size_t{64} << 20);
    const Reserved reserved(4 * page(), std::size_t{64} << 20);
    EXPECT_LE(probe::address_space_bytes() - before, (std::size_t{1} << 20));
}

}  // namespace
