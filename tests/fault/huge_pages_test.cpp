// SPDX-License-Identifier: MIT
// The huge pages that the library requests, and what happens when the system refuses.

#include "machines.hpp"
#include "support/fails.hpp"

#include <memory_pages/paged_vec.hpp>
#include <memory_pages/pages.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <vector>

namespace {

using namespace memory_pages;
using fake::Verb;

using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;

constexpr std::size_t mib = std::size_t{1} << 20;

class FaultyHugePages : public fake::EveryMachine {
protected:
    FaultyHugePages() {
        fake::machine().huge_page_size = huge;
        fake::machine().huge_pages = 8;
    }

    static constexpr std::size_t huge = 2 * mib;

    /// The calls about huge pages since `forget_calls`.
    static std::vector<fake::Call> told() {
        std::vector<fake::Call> found;
        std::ranges::copy_if(fake::calls(), std::back_inserter(found), [](const fake::Call& call) {
            return call.verb == Verb::set_huge_pages;
        });
        return found;
    }
};

INSTANTIATE_TEST_SUITE_P(, FaultyHugePages, testing::ValuesIn(fake::every_machine),
                         fake::name_of_machine);

// Pitfall: huge-pages-everywhere
TEST_P(FaultyHugePages, AreNotRequestedWhenTheSystemDecides) {
    const ReadWrite pages(5 * huge);
    EXPECT_TRUE(told().empty());
    EXPECT_EQ(pages.size(), 5 * huge);
}

TEST_P(FaultyHugePages, AreRequestedForWholeHugePagesOnly) {
    const ReadWrite pages(3 * huge + 1, {.huge_pages = HugePages::prefer});
    EXPECT_EQ(pages.size(), 4 * huge);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(pages.data()) % huge, 0U);
    ASSERT_EQ(told().size(), 1U);
    EXPECT_EQ(told()[0].bytes, 4 * huge);
    EXPECT_EQ(told()[0].policy, HugePages::prefer);
}

TEST_P(FaultyHugePages, AreFreedByOrdinaryPagesWhenPreferred) {
    ReadWrite pages(huge, {.huge_pages = HugePages::prefer});
    EXPECT_TRUE(pages.try_decommit(page(), page()));
    EXPECT_TRUE(pages.try_discard(page(), page()));
    EXPECT_TRUE(pages.try_zero(page(), page()));
    EXPECT_EQ(pages[page()], 0);
}

// Pitfall: huge-page-sizes
TEST_P(FaultyHugePages, AreNotUsedUnaskedWhenTooLarge) {
    fake::machine().huge_page_size = 64 * mib;
    const ReadWrite pages(1, {.huge_pages = HugePages::prefer});
    EXPECT_EQ(pages.size(), page());
}

TEST_P(FaultyHugePages, ChangeNoSizeWhenUnsupported) {
    fake::machine().builds_huge_pages = false;
    const ReadWrite pages(1, {.huge_pages = HugePages::prefer});
    EXPECT_EQ(pages.size(), page());
    EXPECT_EQ(pages.try_collapse().error(), std::errc::operation_not_supported);
}

TEST_P(FaultyHugePages, AreForbiddenOnRequest) {
    ReadWrite pages(2 * huge, {.huge_pages = HugePages::never});
    ASSERT_EQ(told().size(), 1U);
    EXPECT_EQ(told()[0].policy, HugePages::never);
    EXPECT_EQ(pages.size(), 2 * huge);
}

// Pitfall: huge-pool-pages-fixed
TEST_P(FaultyHugePages, AreKeptByResizeOrNothingChanges) {
    for (const HugePages policy : {HugePages::prefer, HugePages::require}) {
        fake::refuse_each_call(
            [=] {
                ReadWrite pages(2 * huge, {.huge_pages = policy});
                std::ranges::fill(pages, 5);
                return pages;
            },
            [](ReadWrite& pages) {
                const Result<void> done = pages.try_resize(3 * huge - 1);
                return done ? std::error_code() : done.error();
            },
            [](ReadWrite& pages, std::error_code error) {
                EXPECT_EQ(pages.size(), (error ? 2 : 3) * huge);
                EXPECT_EQ(reinterpret_cast<std::uintptr_t>(pages.data()) % huge, 0U);
                EXPECT_EQ(pages[2 * huge - 1], 5);
                EXPECT_EQ(pages[0], 5);
                pages.decommit(huge, huge);
            });
    }
}

// Pitfall: huge-pool-empty
TEST_P(FaultyHugePages, AreRequiredUntilThePoolIsEmpty) {
    {
        const ReadWrite most(7 * huge, {.huge_pages = HugePages::require});
        EXPECT_EQ(fake::machine().huge_pages, 1U);
        EXPECT_EQ(ReadWrite::try_new(huge + 1, {.huge_pages = HugePages::require}).error(),
                  PageError::huge_page_limit);
    }
    EXPECT_EQ(fake::machine().huge_pages, 8U);
    fake::machine().huge_page_size = 0;
    EXPECT_EQ(ReadWrite::try_new(1, {.huge_pages = HugePages::require}).error(),
              std::errc::operation_not_supported);
}

// Pitfall: pool-huge-pages-in-part
TEST_P(FaultyHugePages, AreFreedByWholeHugePagesWhenRequired) {
    ReadWrite pages(3 * huge, {.huge_pages = HugePages::require});
    for (const std::size_t wrong : {page(), huge - page(), huge + page()}) {
        EXPECT_EQ(pages.try_decommit(wrong, huge).error(), std::errc::invalid_argument);
        EXPECT_EQ(pages.try_discard(0, wrong).error(), std::errc::invalid_argument);
        EXPECT_EQ(pages.try_zero(huge, wrong).error(), std::errc::invalid_argument);
    }
    EXPECT_TRUE(pages.try_zero(huge, huge));
    EXPECT_TRUE(pages.try_advise(Advice::random, 1, 1));
    auto raw = std::move(pages).release();
    const PageOptions required{.huge_pages = HugePages::require};
    EXPECT_EQ(ReadWrite::try_adopt_unchecked(raw.address() + page(), raw.size(), required).error(),
              std::errc::invalid_argument);
    EXPECT_EQ(ReadWrite::adopt(std::move(raw)).size(), 3 * huge);
}

TEST_P(FaultyHugePages, LeavePagesUnchangedWhenCollapseFails) {
    const std::size_t calls = fake::refuse_each_call(
        [] {
            ReadWrite pages(huge);
            pages[7] = 7;
            return pages;
        },
        [](ReadWrite& pages) {
            const Result<void> done = pages.try_collapse();
            return done ? std::error_code() : done.error();
        },
        [](ReadWrite& pages, std::error_code) { EXPECT_EQ(pages[7], 7); });
    EXPECT_EQ(calls, 1U);
}

// -- vectors --------------------------------------------------------------------------------------

TEST_P(FaultyHugePages, AreRequestedForCommittedVectorPagesBeyondTheFirst) {
    PagedVec<std::uint8_t> vec;
    const std::uint8_t* committed_end = nullptr;
    for (std::size_t bytes = 1; bytes <= 10 * huge; bytes += huge / 3) {
        fake::forget_calls();
        vec.resize(bytes);
        committed_end = vec.data() + vec.capacity();
        for (const fake::Call& call : told()) {
            const auto* const first = reinterpret_cast<const std::uint8_t*>(call.base);
            EXPECT_EQ(call.policy, HugePages::prefer);
            EXPECT_GE(first, vec.data() + huge);
            EXPECT_EQ(reinterpret_cast<std::uintptr_t>(first) % huge, 0U);
            EXPECT_EQ(first + call.bytes, committed_end);
            EXPECT_GE(call.bytes, huge);
        }
    }
    EXPECT_GE(vec.capacity(), 10 * huge);
}

TEST_P(FaultyHugePages, AreNotRequestedForSmallVectors) {
    PagedVec<std::uint8_t> vec;
    vec.resize(huge);
    vec.reserve_exact(2 * huge - page());
    EXPECT_TRUE(told().empty());
}

TEST_P(FaultyHugePages, AreRequestedForEachGrowthOfAVector) {
    PagedVec<std::uint8_t> vec;
    for (const std::size_t halves : {3U, 5U, 7U}) {
        fake::forget_calls();
        vec.reserve_exact(halves * huge / 2);
        // Includes the huge page that the last step left half committed.
        const bool is_whole = halves >= 5;
        ASSERT_EQ(told().size(), is_whole ? 1U : 0U);
        if (is_whole) {
            EXPECT_EQ(told()[0].bytes, huge * 3 / 2);
        }
    }
}

TEST_P(FaultyHugePages, FollowTheHugePageOptionOfAVector) {
    PagedVec<std::uint8_t> vec(4 * huge);
    fake::forget_calls();
    vec.set_huge_pages(HugePages::never);
    ASSERT_EQ(told().size(), 1U);
    EXPECT_EQ(told()[0].policy, HugePages::never);
    EXPECT_EQ(told()[0].bytes, 4 * huge);
    vec.set_huge_pages(HugePages::system);
    fake::forget_calls();
    vec.resize(8 * huge);
    EXPECT_TRUE(told().empty());
}

TEST_P(FaultyHugePages, StayRequestedWhenAVectorMoves) {
    PagedVec<std::uint8_t> vec;
    vec.set_huge_pages(HugePages::never);
    vec.resize(page());
    fake::forget_calls();
    vec.resize(vec.stable_capacity() + page());
    ASSERT_FALSE(told().empty());
    for (const fake::Call& call : told()) {
        EXPECT_EQ(call.policy, HugePages::never);
    }
}

// Pitfall: huge-group-limit
TEST_P(FaultyHugePages, NameTheirLimitWhenPopulateFails) {
    const ReadWrite required(huge, {.huge_pages = HugePages::require});
    const ReadWrite ordinary(huge);
    fake::fail({.verb = Verb::populate, .error = std::make_error_code(std::errc::bad_address)});
    EXPECT_EQ(required.try_populate().error(), PageError::huge_page_limit);
    fake::fail({.verb = Verb::populate, .error = std::make_error_code(std::errc::bad_address)});
    EXPECT_EQ(ordinary.try_populate().error(), std::errc::bad_address);
    EXPECT_EQ(fake::stop_failing(), Verb::populate);
}

}  // namespace
