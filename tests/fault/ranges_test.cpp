// SPDX-License-Identifier: MIT
// The calls for many ranges, and the pages when the system refuses one.

#include "machines.hpp"
#include "support/fails.hpp"

#include <memory_pages/pages.hpp>
#include <memory_pages/ranges.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace {

using namespace memory_pages;
using fake::Verb;

using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;
using Ranges = std::vector<ByteRange>;

constexpr std::size_t most = 256;  // Ranges in one call.

class FaultyRanges : public fake::EveryMachine {
protected:
    static ReadWrite filled(std::size_t pages) {
        ReadWrite all(pages * page());
        std::ranges::fill(all, std::uint8_t{0x5a});
        return all;
    }

    static Ranges every_second_page(std::size_t count) {
        Ranges ranges;
        for (std::size_t i = 0; i < count; ++i) {
            ranges.push_back({2 * i * page(), page()});
        }
        return ranges;
    }

    static bool is_given_back(const ReadWrite& pages, std::size_t index) {
        return pages[index * page()] == 0xa5 && pages[(index + 1) * page() - 1] == 0xa5;
    }
    static bool is_kept(const ReadWrite& pages, std::size_t index) {
        return pages[index * page()] == 0x5a && pages[(index + 1) * page() - 1] == 0x5a;
    }

    /// The number of ranges in each call of a decommit.
    static std::vector<std::size_t> calls_for(ReadWrite& pages, const Ranges& ranges) {
        fake::forget_calls();
        pages.decommit(ranges);
        std::vector<std::size_t> counts;
        for (const fake::Call& call : fake::calls()) {
            EXPECT_EQ(call.verb, Verb::decommit_all);
            counts.push_back(call.ranges);
        }
        return counts;
    }
};

INSTANTIATE_TEST_SUITE_P(, FaultyRanges, testing::ValuesIn(fake::every_machine),
                         fake::name_of_machine);

using Counts = std::vector<std::size_t>;

TEST_P(FaultyRanges, AreJoinedWhenAdjacent) {
    ReadWrite pages = filled(8);
    const std::size_t p = page();
    EXPECT_EQ(calls_for(pages, {{0, p}, {p, 2 * p}, {3 * p, p}}), Counts{1});
    EXPECT_EQ(fake::calls().front().bytes, 4 * p);
    EXPECT_TRUE(is_given_back(pages, 3));
    EXPECT_TRUE(is_kept(pages, 4));
    EXPECT_EQ(calls_for(pages, {{6 * p, p}, {5 * p, p}, {4 * p, p}}), Counts{1})
        << "from the end to the front";
    EXPECT_EQ(fake::calls().front().base, reinterpret_cast<std::byte*>(pages.data() + 4 * p));
    EXPECT_EQ(fake::calls().front().bytes, 3 * p);
    EXPECT_EQ(calls_for(pages, {{0, 4 * p}, {p, p}, {2 * p, 4 * p}}), Counts{1}) << "overlapping";
    EXPECT_EQ(fake::calls().front().bytes, 6 * p);
    EXPECT_EQ(calls_for(pages, {{0, p}, {p, 0}, {2 * p, 0}, {p, p}}), Counts{1})
        << "with nothing between them";
    EXPECT_TRUE(is_kept(pages, 7));
}

TEST_P(FaultyRanges, AreBatchedIntoFewCallsWhenApart) {
    ReadWrite pages = filled(4 * most + 2);
    EXPECT_EQ(calls_for(pages, every_second_page(2)), Counts{2});
    EXPECT_EQ(calls_for(pages, every_second_page(most)), Counts{most});
    EXPECT_EQ(calls_for(pages, every_second_page(most + 1)), (Counts{most, 1}));
    EXPECT_EQ(calls_for(pages, every_second_page(2 * most)), (Counts{most, most}));
    for (std::size_t i = 0; i < 2 * most; ++i) {
        EXPECT_TRUE(is_given_back(pages, 2 * i));
        EXPECT_TRUE(is_kept(pages, 2 * i + 1));
    }
}

TEST_P(FaultyRanges, MakeNoSystemCallWhenEmpty) {
    ReadWrite pages = filled(4);
    EXPECT_EQ(calls_for(pages, {}), Counts{});
    EXPECT_EQ(calls_for(pages, Ranges(3)), Counts{});
    EXPECT_TRUE(pages.try_discard(Ranges(3)));
    EXPECT_TRUE(pages.try_advise(Advice::random, Ranges(3)));
    EXPECT_TRUE(fake::calls().empty());
}

TEST_P(FaultyRanges, MakeNoSystemCallWhenOneIsBad) {
    ReadWrite pages = filled(4);
    fake::forget_calls();
    for (const ByteRange bad : {ByteRange{1, page()}, ByteRange{4 * page(), page()}}) {
        const Ranges ranges = {{0, page()}, bad};
        EXPECT_EQ(pages.try_decommit(ranges).error(), std::errc::invalid_argument);
        EXPECT_EQ(pages.try_discard(ranges).error(), std::errc::invalid_argument);
    }
    EXPECT_EQ(pages.try_advise(Advice::random, Ranges{{0, page()}, {4 * page(), 1}}).error(),
              std::errc::invalid_argument);
    EXPECT_TRUE(fake::calls().empty());
}

TEST_P(FaultyRanges, AreRoundedOutwardAndJoinedForHints) {
    const ReadWrite pages = filled(8);
    fake::forget_calls();
    pages.advise(Advice::random, Ranges{{1, 1}, {page() - 1, 2}, {3 * page() - 1, page()}});
    ASSERT_EQ(fake::calls().size(), 1U);
    EXPECT_EQ(fake::calls().front().verb, Verb::advise_all);
    EXPECT_EQ(fake::calls().front().ranges, 1U);
    EXPECT_EQ(fake::calls().front().bytes, 4 * page());
}

TEST_P(FaultyRanges, StopAtTheFirstRefusedCall) {
    const Ranges ranges = every_second_page(2 * most + 1);
    for (std::size_t nth = 1; nth <= 3; ++nth) {
        ReadWrite pages = filled(4 * most + 2);
        fake::fail({.nth = nth, .verb = Verb::decommit_all, .error = fake::refusal});
        EXPECT_EQ(pages.try_decommit(ranges).error(), fake::refusal);
        EXPECT_EQ(fake::stop_failing(), Verb::decommit_all);
        EXPECT_EQ(fake::count_of(Verb::decommit_all), nth);
        for (std::size_t i = 0; i < ranges.size(); ++i) {
            EXPECT_EQ(is_given_back(pages, 2 * i), i < (nth - 1) * most);
            EXPECT_TRUE(is_kept(pages, 2 * i + 1));
        }
        fake::forget_calls();
    }
}

TEST_P(FaultyRanges, ThrowTheErrorOfTheSystem) {
    ReadWrite pages = filled(4);
    const Ranges ranges = every_second_page(2);
    fake::fail({.verb = Verb::decommit_all, .error = PageError::commit_limit});
    EXPECT_FAILS(pages.decommit(ranges), PageError::commit_limit);
    fake::fail({.verb = Verb::discard_all, .error = PageError::commit_limit});
    EXPECT_FAILS(pages.discard(ranges), PageError::commit_limit);
    fake::fail({.verb = Verb::advise_all, .error = PageError::lock_limit});
    EXPECT_FAILS(pages.advise(Advice::random, ranges), PageError::lock_limit);
    fake::stop_failing();
    for (std::size_t i = 0; i < 4; ++i) {
        EXPECT_TRUE(is_kept(pages, i));
    }
}

}  // namespace
