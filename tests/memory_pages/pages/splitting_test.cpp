// SPDX-License-Identifier: MIT
// Splitting pages into parts, and joining parts.
#include <memory_pages/page_size.hpp>
#include <memory_pages/pages.hpp>

#include "support/checks.hpp"
#include "support/fails.hpp"
#include "support/probe.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace memory_pages {
namespace {

using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;
using ReadOnly = Pages<AllowRead, DenyWrite, DenyExec>;

std::size_t page() { return probe::page_size(); }

/// Pages filled with their number.
ReadWrite numbered(std::size_t count, PageOptions options = {}) {
    ReadWrite pages(count * page(), options);
    for (std::size_t i = 0; i < count; ++i) {
        std::ranges::fill(pages.bytes().subspan(i * page(), page()),
                          static_cast<std::uint8_t>(i + 1));
    }
    return pages;
}

template <class P>
bool are_numbered(const P& pages, std::size_t first) {
    for (std::size_t i = 0; i < pages.size(); ++i) {
        if (pages[i] != first + i / page() + 1) {
            return false;
        }
    }
    return true;
}

template <class P>
concept SplitsAsLvalue = requires(P& pages) { pages.split_at(std::size_t{}); };
template <class P, class Q>
concept Joins = requires(P&& pages, Q&& behind) { std::move(pages).join(std::move(behind)); };
static_assert(!SplitsAsLvalue<ReadWrite>);
static_assert(Joins<ReadWrite, ReadWrite> && !Joins<ReadWrite, ReadOnly>);
static_assert(sizeof(ReadWrite) == 2 * sizeof(void*));

TEST(SplitPages, ShareTheSameBytes) {
    ReadWrite pages = numbered(5);
    std::uint8_t* const address = pages.data();
    auto [front, behind] = std::move(pages).split_at(2 * page());
    EXPECT_EQ(pages.size(), 0U);  // NOLINT(bugprone-use-after-move): it may be asked
    EXPECT_EQ(front.data(), address);
    EXPECT_EQ(behind.data(), address + 2 * page());
    EXPECT_EQ(front.size(), 2 * page());
    EXPECT_EQ(behind.size(), 3 * page());
    EXPECT_TRUE(are_numbered(front, 0));
    EXPECT_TRUE(are_numbered(behind, 2));
}

TEST(SplitPages, HaveSeparatePermissions) {
    auto [front, behind] = numbered(4).split_at(2 * page());
    ReadOnly frozen = std::move(front).deny_write();
    EXPECT_FALSE(probe::can_write(const_cast<std::uint8_t*>(frozen.data())));
    EXPECT_TRUE(probe::can_write(behind.data()));
    const auto hidden = std::move(behind).deny_read().deny_write();
    EXPECT_TRUE(are_numbered(frozen, 0));
    EXPECT_FALSE(probe::can_read(frozen.data() + 2 * page()));
}

TEST(SplitPages, EndInAnyOrder) {
    for (std::size_t first = 0; first < 3; ++first) {
        std::vector<ReadWrite> parts;
        {
            auto [front, rest] = numbered(6).split_at(2 * page());
            auto [middle, last] = std::move(rest).split_at(2 * page());
            parts.push_back(std::move(front));
            parts.push_back(std::move(middle));
            parts.push_back(std::move(last));
        }
        std::uint8_t* const gone = parts[first].data();
        parts[first] = ReadWrite(page());
        EXPECT_FALSE(probe::holds(gone, static_cast<std::uint8_t>(2 * first + 1)));
        EXPECT_FALSE(probe::holds(gone + page(), static_cast<std::uint8_t>(2 * first + 2)));
        for (std::size_t i = 0; i < 3; ++i) {
            if (i != first) {
                EXPECT_TRUE(are_numbered(parts[i], 2 * i));
            }
        }
    }
}

TEST(SplitPages, LeaveNothingMapped) {
    const std::size_t before = probe::address_space_bytes();
    const std::size_t bytes = std::size_t{64} << 20;
    for (int round = 0; round < 4; ++round) {
        auto [front, behind] = ReadWrite(bytes).split_at(bytes / 2);
        behind = ReadWrite(page());
    }
    EXPECT_LT(probe::address_space_bytes(), before + bytes);
}

TEST(SplitPages, JoinAgain) {
    auto [front, behind] = numbered(5).split_at(2 * page());
    auto [middle, last] = std::move(behind).split_at(page());
    ReadWrite right = std::move(middle).join(std::move(last));
    EXPECT_TRUE(are_numbered(right, 2));
    ReadWrite whole = std::move(front).join(std::move(right));
    EXPECT_EQ(whole.size(), 5 * page());
    EXPECT_TRUE(are_numbered(whole, 0));
    // A whole mapping again, which is resized without copying if the system can.
    whole.resize(9 * page());
    EXPECT_EQ(whole.size(), 9 * page());
    EXPECT_EQ(whole[5 * page() - 1], 5);
    EXPECT_EQ(whole[5 * page()], 0);
}

TEST(SplitPages, JoinOnlyAdjacentPartsInOrder) {
    auto [front, behind] = numbered(6).split_at(2 * page());
    auto [middle, last] = std::move(behind).split_at(2 * page());
    auto gap = std::move(front).try_join(std::move(last));
    ASSERT_FALSE(gap);
    EXPECT_EQ(gap.error().error, std::errc::invalid_argument);
    auto& [first, third] = gap.error().pages;
    EXPECT_TRUE(are_numbered(first, 0));
    EXPECT_TRUE(are_numbered(third, 4));
    EXPECT_FAILS(std::move(middle).join(std::move(first)), std::errc::invalid_argument);
    EXPECT_EQ(std::move(middle).join(std::move(third)).size(), 4 * page());
}

// Pitfall: windows-allocation-bounds
TEST(SplitPages, JoinOnlyPartsOfOneMapping) {
    // Neighbours by chance, and both are parts of different mappings.
    std::vector<ReadWrite> mapped;
    for (int i = 0; i < 64; ++i) {
        mapped.emplace_back(2 * allocation_granularity());
    }
    std::ranges::sort(mapped, {}, [](const ReadWrite& pages) { return pages.data(); });
    for (std::size_t i = 0; i + 1 < mapped.size(); ++i) {
        auto whole = std::move(mapped[i]).try_join(std::move(mapped[i + 1]));
        ASSERT_FALSE(whole);
        auto& [left, right] = whole.error().pages;
        auto [left_front, left_behind] = std::move(left).split_at(page());
        auto [right_front, right_behind] = std::move(right).split_at(page());
        auto parts = std::move(left_behind).try_join(std::move(right_front));
        ASSERT_FALSE(parts);
        EXPECT_EQ(parts.error().error, std::errc::invalid_argument);
        auto& [one, other] = parts.error().pages;
        mapped[i] = std::move(left_front).join(std::move(one));
        mapped[i + 1] = std::move(other).join(std::move(right_behind));
    }
}

TEST(SplitPages, MustBeWholePages) {
    for (const std::size_t offset :
         {std::size_t{0}, 3 * page(), 4 * page(), page() - 1, page() + 1, ~std::size_t{0}}) {
        const auto parts = numbered(3).try_split_at(offset);
        ASSERT_FALSE(parts);
        EXPECT_EQ(parts.error().error, std::errc::invalid_argument);
        EXPECT_TRUE(are_numbered(parts.error().pages, 0));
    }
    ReadWrite pages = numbered(3);
    EXPECT_FAILS(std::move(pages).split_at(1), std::errc::invalid_argument);
    EXPECT_TRUE(
        are_numbered(pages, 0));  // NOLINT(bugprone-use-after-move): refused, so still there
}

TEST(SplitPages, AreCopiedWhenAPartIsResized) {
    for (const PageOptions options :
         {PageOptions{}, PageOptions{.alignment = std::size_t{1} << 20}}) {
        auto [front, behind] = numbered(6, options).split_at(2 * page());
        const std::uint8_t* const old_place = behind.data();
        behind.resize(2 * page());
        EXPECT_NE(behind.data(), old_place);
        EXPECT_TRUE(are_numbered(behind, 2));
        front.resize(8 * page());
        EXPECT_EQ(front.size(), 8 * page());
        EXPECT_EQ(front[2 * page() - 1], 2);
        EXPECT_EQ(front[2 * page()], 0);
        EXPECT_FALSE(std::move(front).try_join(std::move(behind)));
    }
}

TEST(SplitPages, MustBeWholePreferredHugePages) {
    const PageOptions prefer{.huge_pages = HugePages::prefer};
    auto [front, behind] = numbered(4, prefer).split_at(page());
    EXPECT_EQ(front.size(), page());
    behind.resize(page());
    EXPECT_GE(behind.size(), page());
    EXPECT_EQ(behind[0], 2);
}

TEST(SplitPages, CanBeReleasedAndAdopted) {
    auto [front, behind] = numbered(4).split_at(2 * page());
    ReadWrite adopted = ReadWrite::adopt(std::move(behind).release());
    EXPECT_TRUE(are_numbered(adopted, 2));
    EXPECT_EQ(std::move(front).join(std::move(adopted)).size(), 4 * page());
}

TEST(SplitPages, HaveTheVerbsOfPages) {
    auto [front, behind] = numbered(64).split_at(32 * page());
    front.decommit();
    EXPECT_EQ(probe::resident_bytes(front.data(), front.size()), 0U);
    EXPECT_TRUE(are_numbered(behind, 32));
    front.zero();
    behind.discard();
    front.populate();
    front.advise_use_rnd();
    EXPECT_TRUE(std::ranges::all_of(front.bytes(), [](std::uint8_t byte) { return byte == 0; }));
}

TEST(SplitPages, CanBeUsedByManyThreads) {
    constexpr std::size_t threads = 4;
    std::vector<std::thread> all;
    for (std::size_t t = 0; t < threads; ++t) {
        all.emplace_back([t] {
            const auto mine = static_cast<std::uint8_t>(t + 1);
            for (int round = 0; round < 200; ++round) {
                ReadWrite pages(4 * page());
                std::ranges::fill(pages.bytes(), mine);
                auto [front, behind] = std::move(pages).split_at(page());
                auto [middle, last] = std::move(behind).split_at(page());
                if (round % 2 == 0) {
                    ReadWrite joined = std::move(front).join(std::move(middle));
                    EXPECT_EQ(joined[2 * page() - 1], mine);
                }
                EXPECT_EQ(last[2 * page() - 1], mine);
            }
        });
    }
    for (std::thread& thread : all) {
        thread.join();
    }
}

// -- contracts ------------------------------------------------------------------------------------

using checks::BorrowCheck;
using checks::Contract;

TEST_F(Contract, MovedFromPartsCannotBeSplitOrJoined) {
    ReadWrite pages(4 * page());
    checks::take_from(pages);
    EXPECT_DEATH((void)std::move(pages).split_at(page()), "Pages::split_at: there are no pages");
    ReadWrite other(page());
    EXPECT_DEATH((void)std::move(other).join(std::move(pages)), "Pages::join: there are no pages");
}

TEST_F(BorrowCheck, StopsSplitAndJoin) {
    ReadWrite whole(4 * page());
    ReadWrite& pages = whole;
    pages.write([&](auto) {
        EXPECT_DEATH((void)std::move(pages).split_at(page()), "memory_pages: Pages::split_at: ");
    });
    auto [front, behind] = std::move(whole).split_at(page());
    ReadWrite& one = front;
    ReadWrite& other = behind;
    one.read([&](auto) {
        EXPECT_DEATH((void)std::move(one).join(std::move(other)), "memory_pages: Pages::join: ");
    });
    other.read([&](auto) {
        EXPECT_DEATH((void)std::move(one).join(std::move(other)), "memory_pages: Pages::join: ");
    });
}

}  // namespace
}  // namespace memory_pages
