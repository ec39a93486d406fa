// SPDX-License-Identifier: MIT
#include <memory_pages/pages.hpp>
#include <memory_pages/ranges.hpp>

#include "support/fails.hpp"
#include "support/probe.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace memory_pages {
namespace {

using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;
using Ranges = std::vector<ByteRange>;

std::size_t page() { return probe::page_size(); }

ReadWrite filled(std::size_t pages) {
    ReadWrite all(pages * page());
    std::ranges::fill(all, std::uint8_t{0x5a});
    return all;
}

bool is_kept(const ReadWrite& pages, std::size_t index) {
    return std::ranges::all_of(pages.bytes().subspan(index * page(), page()),
                               [](std::uint8_t byte) { return byte == 0x5a; });
}

bool is_resident(const ReadWrite& pages, std::size_t index) {
    return probe::resident_bytes(pages.data() + index * page(), page()) != 0;
}

// In different orders: apart, adjacent, overlapping, and one empty.
Ranges pages_1_2_5_and_7() {
    return {{7 * page(), page()}, {2 * page(), page()}, {page(), page()},
            {page(), 2 * page()}, {4 * page(), 0},      {5 * page(), page()}};
}

TEST(ManyRanges, DecommitExactlyTheirPages) {
    ReadWrite pages = filled(9);
    pages.decommit(pages_1_2_5_and_7());
    for (std::size_t i = 0; i < 9; ++i) {
        const bool is_given_back = i == 1 || i == 2 || i == 5 || i == 7;
        EXPECT_EQ(is_resident(pages, i), !is_given_back) << i;
        EXPECT_TRUE(is_given_back || is_kept(pages, i)) << i;
    }
    std::ranges::fill(pages, std::uint8_t{0x5a});
    EXPECT_TRUE(is_kept(pages, 5)) << "still usable";
}

TEST(ManyRanges, DiscardExactlyTheirPages) {
    ReadWrite pages = filled(9);
    pages.discard(pages_1_2_5_and_7());
    for (const std::size_t i : {0U, 3U, 4U, 6U, 8U}) {
        EXPECT_TRUE(is_kept(pages, i)) << i;
    }
    std::ranges::fill(pages, std::uint8_t{0x5a});
    EXPECT_TRUE(is_kept(pages, 5)) << "still usable";
}

TEST(ManyRanges, ReachEveryTouchedPageWithHints) {
    if (!probe::advice_acts()) {
        GTEST_SKIP() << "an emulator takes all advice, and does nothing";
    }
    if (!is_supported(Advice::random)) {
        GTEST_SKIP() << "this system takes no such hints";
    }
    if (!probe::counts_are_ours()) {
        GTEST_SKIP() << "mappings of a sanitizer are counted too";
    }
    const ReadWrite pages = filled(9);
    const std::size_t before = probe::mapping_count();
    const Ranges ranges = {{2 * page() - 1, 2}, {6 * page() + 1, 1}};
    pages.advise(Advice::random, ranges);  // The second, third and seventh.
    EXPECT_EQ(probe::mapping_count(), before + 4);
    pages.advise(Advice::normal, ranges);
    EXPECT_EQ(probe::mapping_count(), before);
    for (std::size_t i = 0; i < 9; ++i) {
        EXPECT_TRUE(is_kept(pages, i));
    }
}

TEST(ManyRanges, CanBeThousands) {
    constexpr std::size_t count = 1100;
    ReadWrite pages = filled(2 * count);
    Ranges ranges;
    for (std::size_t i = 0; i < count; ++i) {
        ranges.push_back({2 * i * page(), page()});
    }
    pages.decommit(ranges);
    EXPECT_EQ(probe::resident_bytes(pages.data(), pages.size()), count * page());
    for (std::size_t i = 0; i < count; ++i) {
        EXPECT_FALSE(is_resident(pages, 2 * i));
        EXPECT_TRUE(is_kept(pages, 2 * i + 1));
    }
}

TEST(ManyRanges, SucceedWhenEmpty) {
    ReadWrite pages = filled(4);
    for (const Ranges& nothing : {Ranges(), Ranges(3), Ranges{{pages.size(), 0}}}) {
        pages.decommit(nothing);
        pages.discard(nothing);
        pages.advise(Advice::random, nothing);
    }
    EXPECT_EQ(probe::resident_bytes(pages.data(), pages.size()), pages.size());
    for (std::size_t i = 0; i < 4; ++i) {
        EXPECT_TRUE(is_kept(pages, i));
    }
}

/// In both forms of each verb; the valid ranges before and behind must be left alone.
void expect_refused(ByteRange bad, bool by_hints) {
    SCOPED_TRACE(testing::Message() << bad.bytes << " bytes from " << bad.offset);
    ReadWrite pages = filled(4);
    const std::array ranges = {ByteRange{0, page()}, bad, ByteRange{2 * page(), page()}};
    EXPECT_FAILS(pages.decommit(ranges), std::errc::invalid_argument);
    EXPECT_FAILS(pages.discard(ranges), std::errc::invalid_argument);
    EXPECT_EQ(pages.try_decommit(ranges).error(), std::errc::invalid_argument);
    EXPECT_EQ(pages.try_discard(ranges).error(), std::errc::invalid_argument);
    if (by_hints) {
        EXPECT_FAILS(pages.advise(Advice::random, ranges), std::errc::invalid_argument);
        EXPECT_EQ(pages.try_advise(Advice::random, ranges).error(), std::errc::invalid_argument);
    } else {
        EXPECT_TRUE(pages.try_advise(Advice::random, ranges));
    }
    for (std::size_t i = 0; i < 4; ++i) {
        EXPECT_TRUE(is_resident(pages, i)) << i;
        EXPECT_TRUE(is_kept(pages, i)) << i;
    }
}

TEST(ManyRanges, AreRefusedWhenOneIsOutsideThePages) {
    const std::size_t size = 4 * page();
    const std::size_t largest = std::numeric_limits<std::size_t>::max();
    const std::size_t last_page = largest - page() + 1;
    for (const ByteRange bad :
         {ByteRange{0, size + page()}, ByteRange{page(), size}, ByteRange{size, page()},
          ByteRange{size + page(), 0}, ByteRange{page(), last_page}, ByteRange{last_page, page()},
          ByteRange{0, ReadWrite::to_end}}) {
        expect_refused(bad, true);
    }
}

TEST(ManyRanges, AreRefusedWhenOneIsNotWholePages) {
    for (const ByteRange bad : {ByteRange{1, page()}, ByteRange{0, page() - 1},
                                ByteRange{page(), page() + 1}, ByteRange{1, 0}}) {
        expect_refused(bad, false);
    }
}

}  // namespace
}  // namespace memory_pages
