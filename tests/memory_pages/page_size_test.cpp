// SPDX-License-Identifier: MIT
#include <memory_pages/page_size.hpp>

#include "support/probe.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cstddef>
#include <limits>
#include <optional>

namespace memory_pages {
namespace {

constexpr std::size_t largest = std::numeric_limits<std::size_t>::max();

// Pitfall: page-size-constant
TEST(PageSize, EqualsTheSizeOfTheSystem) { EXPECT_EQ(page_size(), probe::page_size()); }

TEST(PageSize, IsAPowerOfTwoOfAtLeast4096) {
    EXPECT_TRUE(std::has_single_bit(page_size()));
    EXPECT_GE(page_size(), 4096U);
}

// Pitfall: granularity
TEST(PageSize, DividesTheGranularity) {
    EXPECT_TRUE(std::has_single_bit(allocation_granularity()));
    EXPECT_GE(allocation_granularity(), page_size());
}

TEST(PageSize, DividesTheHugePageSize) {
    if (huge_page_size() != 0) {
        EXPECT_TRUE(std::has_single_bit(huge_page_size()));
        EXPECT_GT(huge_page_size(), page_size());
    }
}

TEST(PageSize, RoundsDownToWholePages) {
    EXPECT_EQ(round_down_to_pages(0), 0U);
    EXPECT_EQ(round_down_to_pages(page_size() - 1), 0U);
    EXPECT_EQ(round_down_to_pages(page_size()), page_size());
    EXPECT_EQ(round_down_to_pages(2 * page_size() - 1), page_size());
    EXPECT_EQ(round_down_to_pages(largest), largest - page_size() + 1);
}

// Pitfall: page-arithmetic
TEST(PageSize, RoundsUpToWholePages) {
    EXPECT_EQ(round_up_to_pages(0), 0U);
    EXPECT_EQ(round_up_to_pages(1), page_size());
    EXPECT_EQ(round_up_to_pages(page_size()), page_size());
    EXPECT_EQ(round_up_to_pages(page_size() + 1), 2 * page_size());
}

TEST(PageSize, RoundsUpWithoutOverflow) {
    const std::size_t last_page = largest - page_size() + 1;
    EXPECT_EQ(round_up_to_pages(last_page), last_page);
    EXPECT_EQ(round_up_to_pages(last_page + 1), std::nullopt);
    EXPECT_EQ(round_up_to_pages(largest), std::nullopt);
}

}  // namespace
}  // namespace memory_pages
