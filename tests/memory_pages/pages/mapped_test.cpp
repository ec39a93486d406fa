// SPDX-License-Identifier: MIT
// What only pages with a mapping of their own can do.
#include <memory_pages/feature.hpp>
#include <memory_pages/page_size.hpp>
#include <memory_pages/pages.hpp>

#include "support/checks.hpp"
#include "support/every_pages.hpp"
#include "support/fails.hpp"
#include "support/probe.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <type_traits>
#include <utility>

namespace memory_pages {
namespace {

using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;
using ReadOnly = Pages<AllowRead, DenyWrite, DenyExec>;
using WriteOnly = Pages<DenyRead, AllowWrite, DenyExec>;

constexpr std::size_t mib = std::size_t{1} << 20;

std::size_t page() { return probe::page_size(); }

/// Fills every page with its number plus one.
void number(ReadWrite& pages) {
    for (std::size_t i = 0; i < pages.size(); ++i) {
        pages[i] = static_cast<std::uint8_t>(i / page() + 1);
    }
}

/// Whether the first `count` pages are as `number` left them, and all others zero.
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

/// A size at which the pages would overlap others if they did not move, so `resize` moves them.
std::size_t size_to_reach(const ReadWrite& from, const ReadWrite& to) {
    return number_of(to.data()) - number_of(from.data()) + page();
}

// -- changing the size ----------------------------------------------------------------------------

TEST(Resize, KeepsContentsAndAddsZeros) {
    ReadWrite pages(3 * page());
    number(pages);
    pages.resize(7 * page());
    EXPECT_EQ(pages.size(), 7 * page());
    EXPECT_TRUE(are_numbered(pages, 3));
}

TEST(Resize, KeepsTheRemainingContentsWhenShrinking) {
    ReadWrite pages(7 * page());
    number(pages);
    const std::uint8_t* const behind = pages.data() + 2 * page();
    pages.resize(2 * page());
    EXPECT_EQ(pages.size(), 2 * page());
    EXPECT_TRUE(are_numbered(pages, 2));
    EXPECT_FALSE(probe::holds(behind, 3));
}

TEST(Resize, DoesNotRestoreBytesThatWereCutOff) {
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

TEST(Resize, MovesPagesThatCannotGrowInPlace) {
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

TEST(Resize, WorksAfterAdviceSplitTheMapping) {
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

TEST(Resize, TouchesNothingAfterAdviceSplitTheMapping) {
    ReadWrite pages(64 * page(), {.huge_pages = HugePages::never});
    pages[5 * page()] = 1;
    pages.advise_use_seq(2 * page(), page());
    pages.resize(128 * page());
    EXPECT_EQ(pages[5 * page()], 1);
    if (is_supported(Feature::moving_pages)) {
        EXPECT_EQ(probe::resident_bytes(pages.data(), pages.size()), page()) << "they were copied";
    }
}

TEST(Resize, CopiesNothingAfterAdviceSplitTheMapping) {
    if (!is_supported(Feature::moving_pages) || !probe::faults_are_counted() ||
        !probe::counts_are_ours()) {
        GTEST_SKIP() << "pages do not move, or nobody counts";
    }
    constexpr std::size_t size = 16 * mib;
    ReadWrite pages(size, {.huge_pages = HugePages::never});
    number(pages);
    pages.advise_use_seq(2 * page(), page());
    const std::uint64_t before = probe::page_faults();
    pages.resize(2 * size);
    EXPECT_LT(probe::page_faults() - before, size / page() / 4);
    EXPECT_TRUE(are_numbered(pages, size / page()));
}

TEST(Resize, ShrinksAfterAdviceSplitTheMapping) {
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

TEST(Resize, TouchesNoUntouchedAlignedPages) {
    if (!probe::mapping_is_free()) {
        GTEST_SKIP() << "an emulator keeps a few words for each page";
    }
    constexpr std::size_t size = 64 * mib;
    for (const PageOptions& options :
         {PageOptions{.alignment = 2 * mib, .huge_pages = HugePages::never},
          PageOptions{.huge_pages = HugePages::prefer}}) {
        ReadWrite pages(size, options);
        const std::size_t huge = std::max(huge_page_size(), page());
        pages[0] = 1;
        pages[size - 1] = 2;
        const ReadWrite blocker(page());
        pages.resize(2 * size);
        EXPECT_LE(probe::resident_bytes(pages.data(), pages.size()), 2 * huge);
        EXPECT_EQ(number_of(pages.data()) % (2 * page()), 0U);
        EXPECT_EQ(pages[0], 1);
        EXPECT_EQ(pages[size - 1], 2);
        EXPECT_EQ(pages[size], 0);
    }
}

TEST(Resize, TouchesNoUntouchedPagesOfAPart) {
    if (!probe::mapping_is_free()) {
        GTEST_SKIP() << "an emulator keeps a few words for each page";
    }
    constexpr std::size_t size = 64 * mib;
    ReadWrite whole(2 * size, {.huge_pages = HugePages::never});
    auto [front, back] = std::move(whole).split_at(size);
    front[5 * page()] = 1;
    front.resize(size + page());
    EXPECT_LE(probe::resident_bytes(front.data(), front.size()), page());
    EXPECT_EQ(front[5 * page()], 1);
}

TEST(Resize, CopiesNoAlignedPagesWherePagesMove) {
    if (!is_supported(Feature::moving_pages) || !probe::faults_are_counted() ||
        !probe::counts_are_ours()) {
        GTEST_SKIP() << "pages do not move, or nobody counts";
    }
    constexpr std::size_t size = 16 * mib;
    ReadWrite pages(size, {.alignment = 2 * mib, .huge_pages = HugePages::never});
    number(pages);
    const ReadWrite blocker(page());
    const std::uint64_t before = probe::page_faults();
    pages.resize(2 * size);
    EXPECT_LT(probe::page_faults() - before, size / page() / 4);
    EXPECT_EQ(number_of(pages.data()) % (2 * mib), 0U);
    EXPECT_TRUE(are_numbered(pages, size / page()));
}

// Pitfall: notes-in-pages
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

TEST(Resize, PopulatesNewPagesIfTheOldWerePopulated) {
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

TEST(Resize, RefusesASizeOfZero) {
    ReadWrite pages(page());
    EXPECT_FAILS(pages.resize(0), std::errc::invalid_argument);
    EXPECT_EQ(pages.try_resize(0).error(), std::errc::invalid_argument);
    EXPECT_EQ(pages.size(), page());
}

TEST(Resize, ChangesNothingWhenTheSizeDoesNotFit) {
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

// -- letting go -----------------------------------------------------------------------------------

TEST(Pages, AreAdoptedAsReleased) {
    ReadWrite pages(3 * page());
    pages[0] = 1;
    const std::uint8_t* const address = pages.data();
    RawPages<AllowRead, AllowWrite, DenyExec> raw = std::move(pages).release();
    EXPECT_EQ(pages.size(), 0U);
    EXPECT_EQ(raw.address(), address);
    EXPECT_EQ(raw.size(), 3 * page());
    EXPECT_EQ(probe::permissions(address), "rw-");
    {
        const ReadWrite adopted = ReadWrite::adopt(std::move(raw));
        EXPECT_EQ(adopted.data(), address);
        EXPECT_EQ(adopted.size(), 3 * page());
        EXPECT_EQ(adopted[0], 1);
    }
    EXPECT_FALSE(probe::holds(address, 1));
}

TEST(Pages, AreAdoptedWithoutThrowing) {
    Result<ReadOnly> adopted = ReadOnly::try_adopt(ReadOnly(page()).release());
    ASSERT_TRUE(adopted);
    EXPECT_EQ((*adopted)[0], 0);
}

TEST(Pages, AreAdoptedOnce) {
    auto raw = ReadWrite(page()).release();
    const ReadWrite adopted = ReadWrite::adopt(std::move(raw));
    // NOLINTBEGIN(bugprone-use-after-move): it may be asked
    EXPECT_EQ(raw.address(), nullptr);
    EXPECT_EQ(raw.size(), 0U);
    EXPECT_EQ(ReadWrite::try_adopt(std::move(raw)).error(), std::errc::invalid_argument);
    EXPECT_FAILS(ReadWrite::adopt(std::move(raw)), std::errc::invalid_argument);
    // NOLINTEND(bugprone-use-after-move)
}

TEST(Pages, CanBeReleasedThroughAPointer) {
    void* const handle = new RawPages(ReadWrite(page()).release());
    const std::unique_ptr<RawPages<AllowRead, AllowWrite, DenyExec>> raw(
        static_cast<RawPages<AllowRead, AllowWrite, DenyExec>*>(handle));
    EXPECT_EQ(ReadWrite::adopt(std::move(*raw)).size(), page());
}

TEST(Pages, AreNotAdoptedFromForeignMemory) {
    ReadWrite pages(2 * page());
    std::uint8_t* const address = pages.data();
    const std::size_t size = pages.size();
    const auto is_refused = [](std::uint8_t* first, std::size_t bytes, PageOptions options = {}) {
        EXPECT_EQ(ReadWrite::try_adopt_unchecked(first, bytes, options).error(),
                  std::errc::invalid_argument);
        EXPECT_FAILS(ReadWrite::adopt_unchecked(first, bytes, options),
                     std::errc::invalid_argument);
    };
    is_refused(nullptr, size);
    is_refused(address + 1, size);
    is_refused(address, size + 1);
    is_refused(address, 0);
    is_refused(address, size, {.alignment = 3});
}

static_assert(!std::is_copy_constructible_v<RawPages<AllowRead, AllowWrite, DenyExec>>);
static_assert(!std::is_default_constructible_v<RawPages<AllowRead, AllowWrite, DenyExec>>);
static_assert(!std::is_aggregate_v<RawPages<AllowRead, AllowWrite, DenyExec>>);

// -- contracts ------------------------------------------------------------------------------------

using checks::Contract;

TEST_F(Contract, MovedFromPagesCannotBeResizedOrReleased) {
    ReadWrite pages(page());
    checks::take_from(pages);
    EXPECT_DEATH(pages.resize(page()), "Pages::resize: there are no pages: empty, or moved from");
    EXPECT_DEATH((void)pages.try_resize(page()),
                 "Pages::resize: there are no pages: empty, or moved from");
    EXPECT_DEATH((void)std::move(pages).release(),
                 "Pages::release: there are no pages: empty, or moved from");
}

}  // namespace
}  // namespace memory_pages
