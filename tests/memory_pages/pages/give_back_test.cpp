// SPDX-License-Identifier: MIT
// Giving memory back and keeping the pages.
#include <memory_pages/pages.hpp>

#include "support/checks.hpp"
#include "support/probe.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace memory_pages {
namespace {

using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;
using WriteOnly = Pages<DenyRead, AllowWrite, DenyExec>;

std::size_t page() { return probe::page_size(); }

/// Pages full of `value`, all resident.
ReadWrite filled(std::size_t pages, std::uint8_t value = 0x5a) {
    ReadWrite all(pages * page());
    std::ranges::fill(all, value);
    return all;
}

bool all_are(std::span<const std::uint8_t> bytes, std::uint8_t value) {
    return std::ranges::all_of(bytes, [value](std::uint8_t byte) { return byte == value; });
}

/// The resident bytes of some of the pages.
std::size_t resident_pages(const ReadWrite& pages, std::size_t first, std::size_t count) {
    return probe::resident_bytes(pages.data() + first * page(), count * page()) / page();
}

// Pitfall: posix-madvise-frees-nothing
TEST(Decommit, FreesExactlyItsRange) {
    ReadWrite pages = filled(8);
    pages.decommit(2 * page(), 3 * page());
    EXPECT_EQ(resident_pages(pages, 0, 2), 2U);
    EXPECT_EQ(resident_pages(pages, 2, 3), 0U);
    EXPECT_EQ(resident_pages(pages, 5, 3), 3U);
    EXPECT_TRUE(all_are(pages.bytes().first(2 * page()), 0x5a));
    EXPECT_TRUE(all_are(pages.bytes().last(3 * page()), 0x5a));
}

// Pitfall: lazy-free-stays-resident
TEST(Decommit, LowersTheMemoryOfTheProcess) {
    ReadWrite pages = filled(1024);
    const std::size_t before = probe::resident_bytes();
    pages.decommit();
    EXPECT_LT(probe::resident_bytes(), before - 900 * page());
}

TEST(Decommit, KeepsThePagesUsable) {
    ReadWrite pages = filled(4);
    pages.decommit();
    std::ranges::fill(pages, std::uint8_t{7});
    EXPECT_TRUE(all_are(pages.bytes(), 7));
}

TEST(Discard, KeepsThePagesUsableAndTheOthersUnchanged) {
    ReadWrite pages = filled(8);
    pages.discard(2 * page(), 3 * page());
    EXPECT_TRUE(all_are(pages.bytes().first(2 * page()), 0x5a));
    EXPECT_TRUE(all_are(pages.bytes().last(3 * page()), 0x5a));
    std::ranges::fill(pages.bytes().subspan(2 * page(), 3 * page()), std::uint8_t{7});
    EXPECT_TRUE(all_are(pages.bytes().subspan(2 * page(), 3 * page()), 7));
}

TEST(Zero, ZeroesExactlyItsRange) {
    for (const std::size_t count : {1U, 3U, 500U}) {  // Few enough to be cleared, and too many.
        ReadWrite pages = filled(count + 2);
        pages.zero(page(), count * page());
        EXPECT_EQ(pages[page() - 1], 0x5a);
        EXPECT_TRUE(all_are(pages.bytes().subspan(page(), count * page()), 0));
        EXPECT_EQ(pages[(count + 1) * page()], 0x5a);
        EXPECT_TRUE(all_are(pages.bytes().last(page()), 0x5a));
    }
}

TEST(Zero, WorksOnWriteOnlyPages) {
    WriteOnly pages = filled(4).deny_read();
    pages.zero(0, page());
    pages.zero(page());
    const ReadWrite readable = std::move(pages).allow_read();
    EXPECT_TRUE(all_are(readable.bytes(), 0));
}

TEST(Zero, FreesTheMemoryOfLargeRanges) {
    ReadWrite pages = filled(1024);
    pages.zero();
    EXPECT_EQ(resident_pages(pages, 0, 1024), 0U);
}

TEST(Ranges, ReachToTheEndByDefault) {
    ReadWrite decommitted = filled(4);
    decommitted.decommit(page());
    EXPECT_EQ(resident_pages(decommitted, 0, 1), 1U);
    EXPECT_EQ(resident_pages(decommitted, 1, 3), 0U);

    ReadWrite zeroed = filled(4);
    zeroed.zero(page());
    EXPECT_TRUE(all_are(zeroed.bytes().first(page()), 0x5a));
    EXPECT_TRUE(all_are(zeroed.bytes().subspan(page()), 0));
}

using checks::Contract;

TEST_F(Contract, MovedFromPagesGiveNothingBack) {
    ReadWrite pages(page());
    checks::take_from(pages);
    EXPECT_DEATH(pages.decommit(), "Pages::decommit: there are no pages: empty, or moved from");
    EXPECT_DEATH(pages.discard(), "Pages::discard: there are no pages: empty, or moved from");
    EXPECT_DEATH(pages.zero(), "Pages::zero: there are no pages: empty, or moved from");
}

}  // namespace
}  // namespace memory_pages
