// SPDX-License-Identifier: MIT
#include <memory_pages/paged_vec.hpp>
#include <memory_pages/pages.hpp>

#include "support/child.hpp"
#include "support/probe.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace memory_pages {
namespace {

using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;

bool all_are(const ReadWrite& pages, std::uint8_t value) {
    return std::ranges::all_of(pages, [=](std::uint8_t byte) { return byte == value; });
}

TEST(Fork, GivesTheChildPagesOfItsOwn) {
    ReadWrite pages(4 * probe::page_size());
    std::ranges::fill(pages, std::uint8_t{5});
    EXPECT_TRUE(child::passes([&] {
        EXPECT_TRUE(all_are(pages, 5));
        std::ranges::fill(pages, std::uint8_t{6});
        pages.decommit(0, probe::page_size());
        pages.resize(40 * probe::page_size());
        EXPECT_EQ(pages[2 * probe::page_size()], 6);
        const auto frozen = std::move(pages).deny_write();
        EXPECT_FALSE(probe::can_write(const_cast<std::uint8_t*>(frozen.data())));
    }));
    EXPECT_TRUE(all_are(pages, 5));
    EXPECT_EQ(pages.size(), 4 * probe::page_size());
}

TEST(Fork, GivesTheChildAVectorOfItsOwn) {
    PagedVec<std::size_t> vec(1000, 5);
    EXPECT_TRUE(child::passes([&] {
        vec.resize(1'000'000, 6);
        EXPECT_EQ(vec[999], 5U);
        EXPECT_EQ(vec.back(), 6U);
        vec.clear_decommit();
    }));
    EXPECT_EQ(vec.size(), 1000U);
    EXPECT_EQ(vec.back(), 5U);
}

}  // namespace
}  // namespace memory_pages
