// SPDX-License-Identifier: MIT
#include <memory_pages/page_size.hpp>
#include <memory_pages/populate.hpp>

#include "support/fails.hpp"
#include "support/probe.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#if __has_include(<stop_token>)
#include <stop_token>
#endif

namespace memory_pages {
namespace {

using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;
using ReadOnly = Pages<AllowRead, DenyWrite, DenyExec>;
using WriteOnly = Pages<DenyRead, AllowWrite, DenyExec>;
using NoAccess = Pages<DenyRead, DenyWrite, DenyExec>;

static_assert(Populatable<ReadWrite> && Populatable<ReadOnly> && Populatable<WriteOnly>);
static_assert(!Populatable<NoAccess>);

const std::size_t piece = std::max(std::size_t{16} << 20, huge_page_size());
constexpr PageOptions small_pages = {.huge_pages = HugePages::never};

std::size_t page() { return probe::page_size(); }

std::size_t resident(const ReadWrite& pages, std::size_t offset = 0,
                     std::size_t bytes = ReadWrite::to_end) {
    return probe::resident_bytes(pages.data() + offset, std::min(bytes, pages.size() - offset));
}

/// Stops when it is set: a replacement for std::stop_token.
struct Flag {
    const std::atomic<bool>* is_set;
    [[nodiscard]] bool stop_requested() const noexcept { return *is_set; }
};

/// Needs advice that has an effect.
class PopulateByThreads : public testing::TestWithParam<unsigned> {
protected:
    void SetUp() override {
        if (!probe::advice_acts()) {
            GTEST_SKIP() << "an emulator takes all advice, and does nothing";
        }
    }
};

// 0: as many threads as processors.
INSTANTIATE_TEST_SUITE_P(, PopulateByThreads, testing::Values(0U, 1U, 2U, 5U, 1000U),
                         [](const auto& threads) { return std::to_string(threads.param); });

TEST_P(PopulateByThreads, MakesAllPagesResidentAndKeepsTheirBytes) {
    for (const std::size_t size : {page(), piece, 3 * piece + 5 * page()}) {
        ReadWrite pages(size, small_pages);
        const std::size_t last = size - 1;
        pages[0] = 0x5a;
        pages[last] = 0x5b;
        populate(pages, {.threads = GetParam()});
        EXPECT_EQ(resident(pages), size);
        EXPECT_EQ(std::exchange(pages[0], 0), 0x5a);
        EXPECT_EQ(std::exchange(pages[last], 0), 0x5b);
        EXPECT_TRUE(std::ranges::all_of(pages.as<std::uint64_t>(), [](auto x) { return x == 0; }));
    }
}

TEST_P(PopulateByThreads, MakesOnlyTheTouchedPagesResident) {
    const ReadWrite pages(3 * piece, small_pages);
    populate(pages, piece - page() - 1, piece + 2, {.threads = GetParam()});
    EXPECT_EQ(resident(pages, 0, piece - 2 * page()), 0U);
    EXPECT_EQ(resident(pages, piece - 2 * page(), piece + 2 * page()), piece + 2 * page());
    EXPECT_EQ(resident(pages, 2 * piece), 0U);
    populate(pages, 3 * piece - 1, ReadWrite::to_end, {.threads = GetParam()});
    EXPECT_EQ(resident(pages, 2 * piece), page());
}

TEST_P(PopulateByThreads, ReportsEveryByteOneReportAtATime) {
    const std::size_t offset = page() + 100;
    const ReadWrite pages(4 * piece, small_pages);
    const std::size_t all = pages.size() - offset - 7;
    std::atomic<int> within = 0;
    std::vector<std::size_t> reports;
    populate(pages, offset, all,
             {.threads = GetParam(), .progress = [&](std::size_t done, std::size_t in_all) {
                  EXPECT_EQ(within++, 0);
                  EXPECT_EQ(in_all, all);
                  reports.push_back(done);
                  EXPECT_EQ(--within, 0);
              }});
    ASSERT_EQ(reports.size(), 4U) << "once for each piece";
    EXPECT_TRUE(std::ranges::is_sorted(reports, std::less_equal()));
    EXPECT_GE(reports.front(), piece - offset);
    EXPECT_EQ(reports.back(), all);
}

TEST_P(PopulateByThreads, DoesNothingWhenStoppedBefore) {
    const ReadWrite pages(4 * piece, small_pages);
    const std::atomic<bool> stop = true;
    const PopulateOptions options{
        .threads = GetParam(),
        .progress = [](std::size_t, std::size_t) { ADD_FAILURE() << "nothing was done"; },
        .stop = Flag{&stop}};
    EXPECT_EQ(try_populate(pages, options).error(), std::errc::operation_canceled);
    EXPECT_FAILS(populate(pages, options), std::errc::operation_canceled);
    EXPECT_EQ(resident(pages), 0U);
}

TEST_P(PopulateByThreads, KeepsThePagesPopulatedBeforeTheStop) {
    ReadWrite pages(8 * piece, small_pages);  // Eight threads at most, a piece each.
    pages[5] = 0x5a;
    std::atomic<bool> stop = false;
    std::size_t done = 0;
    const auto end_after_the_first = [&](std::size_t bytes, std::size_t) {
        done = bytes;
        stop = true;
    };
    EXPECT_EQ(try_populate(pages, {.threads = std::min(GetParam(), 5U),
                                   .progress = end_after_the_first,
                                   .stop = Flag{&stop}})
                  .error(),
              std::errc::operation_canceled);
    EXPECT_EQ(pages[5], 0x5a);
    EXPECT_GE(done, piece);
    EXPECT_LT(done, pages.size());
    EXPECT_EQ(resident(pages), done);
}

TEST_P(PopulateByThreads, WorksOnReadOnlyAndWriteOnlyPages) {
    const ReadOnly read_only(2 * piece, small_pages);
    populate(read_only, {.threads = GetParam()});
    EXPECT_EQ(probe::resident_bytes(read_only.data(), read_only.size()), read_only.size());
    WriteOnly write_only(2 * piece, small_pages);
    populate(write_only, {.threads = GetParam()});
    EXPECT_EQ(probe::resident_bytes(write_only.get_ptr_mut(), write_only.size()),
              write_only.size());
}

TEST(PopulateRange, SucceedsWhenEmpty) {
    const ReadWrite pages(4 * page());
    const std::atomic<bool> stop = true;
    for (const std::size_t offset : {std::size_t{0}, page(), pages.size()}) {
        EXPECT_TRUE(try_populate(pages, offset, 0, {.stop = Flag{&stop}}));
    }
    populate(pages, pages.size(), ReadWrite::to_end);
    EXPECT_EQ(resident(pages), 0U);
}

TEST(PopulateRange, IsRefusedOutsideThePages) {
    const ReadWrite pages(4 * page());
    const std::size_t size = pages.size();
    const std::size_t largest = std::numeric_limits<std::size_t>::max();
    for (const auto& [offset, bytes] :
         std::vector<std::pair<std::size_t, std::size_t>>{{0, size + 1},
                                                          {1, size},
                                                          {size + 1, 0},
                                                          {size + page(), ReadWrite::to_end},
                                                          {page(), largest - page() + 1},
                                                          {largest, 2}}) {
        EXPECT_EQ(try_populate(pages, offset, bytes).error(), std::errc::invalid_argument);
        EXPECT_FAILS(populate(pages, offset, bytes), std::errc::invalid_argument);
    }
    EXPECT_EQ(resident(pages), 0U);
}

TEST(PopulateRange, CanBeStoppedByAStandardToken) {
#if defined(__cpp_lib_jthread)
    const ReadWrite pages(4 * page());
    std::stop_source source;
    EXPECT_TRUE(try_populate(pages, {.stop = source.get_token()}));
    source.request_stop();
    EXPECT_EQ(try_populate(pages, {.stop = source.get_token()}).error(),
              std::errc::operation_canceled);
#else
    GTEST_SKIP() << "this standard library has none";
#endif
}

}  // namespace
}  // namespace memory_pages
