// SPDX-License-Identifier: MIT
#include <memory_pages/feature.hpp>
#include <memory_pages/pages.hpp>

#include "support/every_pages.hpp"
#include "support/fails.hpp"
#include "support/probe.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>

namespace memory_pages {
namespace {

using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;
using ReadOnly = Pages<AllowRead, DenyWrite, DenyExec>;
using WriteOnly = Pages<DenyRead, AllowWrite, DenyExec>;

constexpr std::size_t mib = std::size_t{1} << 20;

std::size_t page() { return probe::page_size(); }

/// Fills every page with its number and one.
void number(ReadWrite& pages) {
    for (std::size_t i = 0; i < pages.size(); ++i) {
        pages[i] = static_cast<std::uint8_t>(i / page() + 1);
    }
}

/// Whether the first `count` pages are as `number` left them and all others zero.
bool are_numbered(const ReadWrite& pages, std::size_t count) {
    for (std::size_t i = 0; i < pages.size(); ++i) {
        const std::size_t n = i / page();
        if (pages[i] != (n < count ? static_cast<std::uint8_t>(n + 1) : 0)) {
            return false;
        }
    }
    return true;
}

std::uintptr_t number_of(const void* address) { return reinterpret_cast<std::uintptr_t>(address); }

/// The size at which pages that do not move would cover others: `resize` has to move them.
std::size_t size_to_reach(const ReadWrite& from, const ReadWrite& to) {
    return number_of(to.data()) - number_of(from.data()) + page();
}

TEST(Resize, KeepsContentsAndAddsZeros) {
    ReadWrite pages(3 * page());
    number(pages);
    pages.resize(7 * page());
    EXPECT_EQ(pages.size(), 7 * page());
    EXPECT_TRUE(are_numbered(pages, 3));
}

TEST(Resize, KeepsWhatStillFits) {
    ReadWrite pages(7 * page());
    number(pages);
    const std::uint8_t* const behind = pages.data() + 2 * page();
    pages.resize(2 * page());
    EXPECT_EQ(pages.size(), 2 * page());
    EXPECT_TRUE(are_numbered(pages, 2));
    EXPECT_FALSE(probe::holds(behind, 3));
}

TEST(Resize, DoesNotBringBackWhatWasCutOff) {
    ReadWrite pages(4 * page());
    number(pages);
    pages.resize(2 * page());
    pages.resize(4 * page());
    EXPECT_TRUE(are_numbered(pages, 2));
}

TEST(Resize, RoundsUpToWholePages) {
    ReadWrite pages(page());
    pages.resize(page() + 1);
    EXPECT_EQ(pages.size(), 2 * page());
    const std::uint8_t* const address = pages.data();
    pages.resize(2 * page() - 1);
    EXPECT_EQ(pages.size(), 2 * page());
    EXPECT_EQ(pages.data(), address);
}

TEST(Resize, MovesPagesThatCannotGrowWhereTheyAre) {
    ReadWrite low(4 * page());
    ReadWrite high(4 * page());
    if (number_of(high.data()) < number_of(low.data())) {
        low.swap(high);
    }
    number(low);
    number(high);
    const std::uint8_t* const old = low.data();
    low.resize(size_to_reach(low, high));
    EXPECT_NE(low.data(), old);
    EXPECT_FALSE(probe::holds(old + page(), 2));
    EXPECT_TRUE(are_numbered(low, 4));
    EXPECT_TRUE(are_numbered(high, 4));
}

TEST(Resize, WorksAfterAdviceHasSplitTheMapping) {
    if (!probe::advice_acts()) {
        GTEST_SKIP() << "an emulator takes all advice, and does nothing";
    }
    ReadWrite pages(8 * page());
    number(pages);
    const std::size_t before = probe::mapping_count();
    pages.advise_use_seq(2 * page(), page());
    pages.advise_use_rnd(5 * page(), page());
    if (is_supported(Advice::random)) {
        EXPECT_EQ(probe::mapping_count(), before + 4) << "advice was to split the mapping";
    }
    pages.resize(64 * page());
    EXPECT_EQ(pages.size(), 64 * page());
    EXPECT_TRUE(are_numbered(pages, 8));
}

TEST(Resize, TouchesNothingAfterAdviceHasSplitTheMapping) {
    ReadWrite pages(64 * page(), {.huge_pages = HugePages::never});
    pages[5 * page()] = 1;
    pages.advise_use_seq(2 * page(), page());
    pages.resize(128 * page());
    EXPECT_EQ(pages[5 * page()], 1);
    if (is_supported(Feature::moving_pages)) {
        EXPECT_EQ(probe::resident_bytes(pages.data(), pages.size()), page()) << "they were copied";
    }
}

TEST(Resize, ShrinksAfterAdviceHasSplitTheMapping) {
    ReadWrite pages(8 * page());
    number(pages);
    pages.advise_use_rnd(2 * page(), page());
    const std::uint8_t* const behind = pages.data() + 4 * page();
    pages.resize(4 * page());
    EXPECT_TRUE(are_numbered(pages, 4));
    EXPECT_FALSE(probe::holds(behind, 5));
}

TEST(Resize, KeepsTheAlignment) {
    ReadWrite low(4 * page(), {.alignment = 2 * mib});
    ReadWrite high(4 * page(), {.alignment = 2 * mib});
    if (number_of(high.data()) < number_of(low.data())) {
        low.swap(high);
    }
    number(low);
    const std::uint8_t* const old = low.data();
    low.resize(size_to_reach(low, high));
    EXPECT_NE(low.data(), old);
    EXPECT_EQ(number_of(low.data()) % (2 * mib), 0U);
    EXPECT_FALSE(probe::holds(old + page(), 2));
    EXPECT_TRUE(are_numbered(low, 4));
}

TEST(Resize, KeepsTheAlignmentOfAdoptedPages) {
    auto pages = ReadWrite::adopt(ReadWrite(page(), {.alignment = 2 * mib}).release());
    for (std::size_t size = mib; size <= 16 * mib; size *= 2) {
        const ReadWrite in_the_way(size, {.alignment = 2 * mib});
        pages.resize(size);
        EXPECT_EQ(number_of(pages.data()) % (2 * mib), 0U);
    }
}

TEST(Resize, MovesWriteOnlyPagesWithTheirContents) {
    ReadWrite low(4 * page(), {.alignment = 2 * mib});
    ReadWrite high(4 * page(), {.alignment = 2 * mib});
    if (number_of(high.data()) < number_of(low.data())) {
        low.swap(high);
    }
    number(low);
    const std::size_t size = size_to_reach(low, high);
    WriteOnly write_only = std::move(low).deny_read();
    write_only.resize(size);
    EXPECT_TRUE(every_pages::Of<WriteOnly>::are(probe::permissions(write_only.get_ptr_mut())));
    EXPECT_TRUE(are_numbered(std::move(write_only).allow_read(), 4));
}

TEST(Resize, KeepsPagesUncharged) {
    ReadWrite pages(page(), {.uncharged = true});
    const bool is_charged = probe::is_charged(pages.data());
    pages.resize(64 * page());
    EXPECT_EQ(probe::is_charged(pages.data() + 63 * page()), is_charged);

    ReadWrite aligned(page(), {.alignment = 2 * mib, .uncharged = true});
    aligned.resize(16 * mib);
    EXPECT_EQ(probe::is_charged(aligned.data() + 15 * mib), is_charged);
}

TEST(Resize, KeepsPagesCharged) {
    ReadWrite pages(page());
    pages.resize(64 * page());
    EXPECT_EQ(probe::is_charged(pages.data() + 63 * page()), is_supported(Feature::commit_charge));
}

TEST(Resize, PopulatesWhatIsNewIfThePagesWere) {
    if (!probe::advice_acts()) {
        GTEST_SKIP() << "an emulator takes all advice, and does nothing";
    }
    ReadWrite lazy(page());
    lazy.resize(16 * page());
    EXPECT_EQ(probe::resident_bytes(lazy.data() + page(), lazy.size() - page()), 0U);

    ReadWrite populated(page(), {.populate = true});
    populated.resize(16 * page());
    EXPECT_EQ(probe::resident_bytes(populated.data(), populated.size()), populated.size());
}

TEST(Resize, KeepsPermissions) {
    ReadWrite pages(page());
    pages.resize(64 * page());
    EXPECT_EQ(probe::permissions(pages.data() + 63 * page()), "rw-");
    const ReadOnly frozen = std::move(pages).deny_write();
    EXPECT_EQ(probe::permissions(frozen.data()), "r--");
    EXPECT_EQ(probe::permissions(frozen.data() + 63 * page()), "r--");
}

TEST(Resize, ToNothingIsRefused) {
    ReadWrite pages(page());
    EXPECT_FAILS(pages.resize(0), std::errc::invalid_argument);
    EXPECT_EQ(pages.try_resize(0).error(), std::errc::invalid_argument);
    EXPECT_EQ(pages.size(), page());
}

TEST(Resize, ToWhatDoesNotFitChangesNothing) {
    constexpr std::size_t largest = std::numeric_limits<std::size_t>::max();
    for (const PageOptions options : {PageOptions{}, PageOptions{.alignment = 2 * mib}}) {
        ReadWrite pages(4 * page(), options);
        number(pages);
        const std::uint8_t* const address = pages.data();
        for (const std::size_t bytes : {largest, largest - page(), largest / 2}) {
            EXPECT_FAILS(pages.resize(bytes), std::errc::not_enough_memory);
            EXPECT_EQ(pages.try_resize(bytes).error(), std::errc::not_enough_memory);
        }
        EXPECT_EQ(pages.data(), address);
        EXPECT_EQ(pages.size(), 4 * page());
        EXPECT_TRUE(are_numbered(pages, 4));
    }
}

}  // namespace
}  // namespace memory_pages
