// SPDX-License-Identifier: MIT
#include <memory_pages/feature.hpp>
#include <memory_pages/options.hpp>
#include <memory_pages/pages.hpp>

#include "support/every_pages.hpp"
#include "support/fails.hpp"
#include "support/probe.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <limits>

namespace memory_pages {
namespace {

using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;

constexpr std::size_t mib = std::size_t{1} << 20;
constexpr std::size_t gib = std::size_t{1} << 30;

bool is_aligned(const void* address, std::size_t alignment) {
    return reinterpret_cast<std::uintptr_t>(address) % alignment == 0;
}

TEST(PageOptions, RequestNothingByDefault) {
    const PageOptions options;
    EXPECT_EQ(options.alignment, 0U);
    EXPECT_FALSE(options.populate);
    EXPECT_FALSE(options.uncharged);
}

TEST(PageOptions, AlignPagesAsRequested) {
    for (const std::size_t alignment : {2 * mib, gib}) {
        // Several at a time: one alone may be aligned by chance.
        const ReadWrite first(probe::page_size(), {.alignment = alignment});
        const ReadWrite second(probe::page_size(), {.alignment = alignment});
        const ReadWrite third(alignment / 2, {.alignment = alignment});
        EXPECT_TRUE(is_aligned(first.data(), alignment));
        EXPECT_TRUE(is_aligned(second.data(), alignment));
        EXPECT_TRUE(is_aligned(third.data(), alignment));
    }
}

// Pitfall: alignment-by-size
TEST(PageOptions, AlignPagesWithoutExtraAddressSpace) {
    const std::size_t before = probe::address_space_bytes();
    const ReadWrite pages(2 * mib, {.alignment = gib});
    EXPECT_GE(probe::address_space_bytes(), before + 2 * mib);
    EXPECT_LT(probe::address_space_bytes(), before + gib / 2);
}

TEST(PageOptions, AlignPagesThatAreUsableFromEndToEnd) {
    ReadWrite pages(3 * probe::page_size(), {.alignment = 2 * mib});
    pages[0] = 1;
    pages[pages.size() - 1] = 2;
    EXPECT_EQ(pages[0] + pages[pages.size() - 1], 3);
}

TEST(PageOptions, IgnoreAlignmentsBelowAPage) {
    for (const std::size_t alignment : {std::size_t{1}, std::size_t{64}, probe::page_size()}) {
        EXPECT_TRUE(ReadWrite::try_new(1, {.alignment = alignment}));
    }
}

TEST(PageOptions, RefuseAlignmentsThatAreNoPowerOfTwo) {
    for (const std::size_t alignment : {std::size_t{3}, 3 * probe::page_size(), gib + 1}) {
        EXPECT_FAILS(ReadWrite(1, {.alignment = alignment}), std::errc::invalid_argument);
        EXPECT_EQ(ReadWrite::try_new(1, {.alignment = alignment}).error(),
                  std::errc::invalid_argument);
    }
}

TEST(PageOptions, RefuseAlignmentsThatNoAddressHas) {
    constexpr std::size_t highest_bit = std::numeric_limits<std::size_t>::max() / 2 + 1;
    EXPECT_EQ(ReadWrite::try_new(1, {.alignment = highest_bit}).error(),
              std::errc::not_enough_memory);
}

// Pitfall: populate-unasked
TEST(PageOptions, PopulatePagesOnlyOnRequest) {
    if (!probe::advice_acts()) {
        GTEST_SKIP() << "an emulator takes all advice, and does nothing";
    }
    const ReadWrite untouched(8 * probe::page_size());
    EXPECT_EQ(probe::resident_bytes(untouched.data(), untouched.size()), 0U);

    const ReadWrite populated(8 * probe::page_size(), {.populate = true});
    EXPECT_EQ(probe::resident_bytes(populated.data(), populated.size()), populated.size());
    EXPECT_EQ(populated[populated.size() - 1], 0);
}

TEST(PageOptions, LeavePagesUnchargedOnRequest) {
    const ReadWrite charged(probe::page_size());
    const bool is_promised = is_supported(Feature::commit_charge);
    EXPECT_EQ(probe::is_charged(charged.data()), is_promised);

    const ReadWrite uncharged(probe::page_size(), {.uncharged = true});
    EXPECT_EQ(probe::is_charged(uncharged.data()),
              is_promised && !is_supported(Feature::uncharged_pages));
}

template <class P>
class PopulateOption : public testing::Test {};
TYPED_TEST_SUITE(PopulateOption, every_pages::Types, every_pages::Names);

TYPED_TEST(PopulateOption, AcceptsAllAccessiblePages) {
    const Result<TypeParam> pages = TypeParam::try_new(
        2 * probe::page_size(), {.alignment = 2 * mib, .populate = true, .uncharged = true});
    if constexpr (every_pages::Of<TypeParam>::read || every_pages::Of<TypeParam>::write) {
        ASSERT_TRUE(pages);
        EXPECT_EQ(pages->size(), 2 * probe::page_size());
    } else {
        EXPECT_EQ(pages.error(), std::errc::invalid_argument);
    }
}

}  // namespace
}  // namespace memory_pages
