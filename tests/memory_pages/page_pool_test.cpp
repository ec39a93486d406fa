// SPDX-License-Identifier: MIT
#include <memory_pages/exec.hpp>
#include <memory_pages/page_pool.hpp>
#include <memory_pages/page_size.hpp>
#include <memory_pages/paged_vec.hpp>
#include <memory_pages/pages.hpp>

#include "support/checks.hpp"
#include "support/fails.hpp"
#include "support/machine_code.hpp"
#include "support/probe.hpp"
#include "support/rounds.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <thread>
#include <utility>
#include <vector>

namespace memory_pages {
namespace {

using Pooled = PooledPages<AllowRead, AllowWrite, DenyExec>;

constexpr std::size_t kib = std::size_t{1} << 10;
constexpr std::size_t mib = std::size_t{1} << 20;

/// No idle memory is too old.
constexpr auto ages = std::chrono::hours(24);

/// All idle memory is too old.
constexpr PoolOptions impatient{.max_age = std::chrono::milliseconds(0),
                                .huge_pages = HugePages::never};

Pooled take(PagePool& pool, std::size_t bytes, Contents contents = Contents::zero) {
    return pool.take<AllowRead, AllowWrite, DenyExec>(bytes, contents);
}

/// The address of pages that a user fills and returns.
const std::uint8_t* use(PagePool& pool, std::size_t bytes, std::uint8_t value = 0xff) {
    const std::uint8_t* first = nullptr;
    Pooled pages = take(pool, bytes, Contents::indeterminate);
    std::ranges::fill(pages, value);
    first = pages.data();
    return first;
}

template <class P>
bool reads(const P& pages, std::uint8_t value) {
    return pages.size() == 0 || (pages[0] == value && std::memcmp(pages.data(), pages.data() + 1,
                                                                  pages.size() - 1) == 0);
}

// -- pages ----------------------------------------------------------------------------------------

TEST(PagePool, GivesZeroedWritableWholePages) {
    PagePool pool;
    for (const std::size_t bytes : {std::size_t{1}, 64 * kib, 3 * mib + 1, 17 * mib}) {
        Pooled pages = take(pool, bytes);
        EXPECT_EQ(pages.size(), *round_up_to_pages(bytes));
        EXPECT_TRUE(reads(pages, 0));
        std::ranges::fill(pages, 1);
        EXPECT_TRUE(reads(pages, 1));
    }
}

TEST(PagePool, ReusesReturnedPages) {
    PagePool pool;
    for (const std::size_t bytes : {page_size(), 16 * page_size(), 5 * mib}) {
        const std::uint8_t* const first = use(pool, bytes);
        const Pooled again = take(pool, bytes);
        EXPECT_EQ(again.data(), first);
    }
    EXPECT_EQ(pool.statistics().fresh, 3U);
    EXPECT_EQ(pool.statistics().reused, 3U);
}

TEST(PagePool, ReusesPagesForSimilarSizes) {
    PagePool pool({.huge_pages = HugePages::never});
    const std::size_t bytes = 1000 * page_size();
    const std::uint8_t* const first = use(pool, bytes);
    EXPECT_EQ(use(pool, bytes - page_size()), first);
    EXPECT_EQ(use(pool, bytes + page_size()), first);
    EXPECT_NE(use(pool, 2 * bytes), first);
}

TEST(PagePool, RoundsSizesUpByAtMostAnEighth) {
    PagePool pool({.huge_pages = HugePages::never});
    for (std::size_t count = 1; count < 3000; count += count / 7 + 1) {
        const std::size_t before = pool.statistics().total_bytes;
        const Pooled pages = take(pool, count * page_size());
        const std::size_t taken = pool.statistics().total_bytes - before;
        EXPECT_GE(taken, pages.size());
        EXPECT_LE(taken, pages.size() + pages.size() / 8);
        pool.clear();
    }
}

TEST(PagePool, NeverGivesTheSameMemoryTwice) {
    PagePool pool;
    std::vector<Pooled> held;
    for (int round = 0; round < 3; ++round) {
        for (std::size_t i = 0; i < 40; ++i) {
            held.push_back(take(pool, 64 * kib, Contents::indeterminate));
            std::ranges::fill(held.back(), static_cast<std::uint8_t>(i));
        }
        for (std::size_t i = 0; i < held.size(); ++i) {
            EXPECT_TRUE(reads(held[i], static_cast<std::uint8_t>(i)));
        }
        held.clear();
    }
    EXPECT_EQ(pool.statistics().fresh, 40U);
}

TEST(PagePool, RefusesSizesOfZeroAndTooMuch) {
    PagePool pool;
    constexpr std::size_t most = std::numeric_limits<std::size_t>::max();
    EXPECT_FAILS(take(pool, 0), std::errc::invalid_argument);
    for (const std::size_t bytes : {most, most - page_size(), most / 3, most / 8}) {
        EXPECT_EQ((pool.try_take<AllowRead, AllowWrite, DenyExec>(bytes).error()),
                  std::errc::not_enough_memory);
        EXPECT_FAILS(take(pool, bytes), std::errc::not_enough_memory);
    }
    EXPECT_EQ(pool.statistics().total_bytes, 0U);
}

TEST(PagePool, PagesCanBeMovedAndSwapped) {
    PagePool pool;
    Pooled a = take(pool, 64 * kib);
    Pooled b = take(pool, 128 * kib);
    const std::uint8_t* const first = a.data();
    a.swap(b);
    EXPECT_EQ(b.data(), first);
    a = std::move(b);
    EXPECT_EQ(a.data(), first);
    EXPECT_EQ(b.size(), 0U);
    EXPECT_GT(pool.statistics().idle_bytes, 0U) << "what was assigned to has come back";
}

// -- contents -------------------------------------------------------------------------------------

// Pitfall: bytes-of-last-user
TEST(PagePool, ZeroesReusedPages) {
    for (const HugePages policy : {HugePages::never, HugePages::prefer}) {
        PagePool pool({.huge_pages = policy});
        for (const std::size_t bytes : {page_size(), 64 * kib, 2 * mib, 40 * mib}) {
            (void)use(pool, bytes, 0xff);
            EXPECT_TRUE(reads(take(pool, bytes), 0)) << bytes;
        }
    }
}

// Pitfall: bytes-of-last-user
TEST(PagePool, ZeroesBeyondTheLengthOfTheLastUser) {
    PagePool pool({.huge_pages = HugePages::never});
    const std::size_t bytes = 1000 * page_size();
    const std::size_t less = bytes - page_size();
    (void)use(pool, bytes, 0xff);
    (void)use(pool, less, 0xff);
    EXPECT_TRUE(reads(take(pool, bytes), 0));
    EXPECT_EQ(pool.statistics().fresh, 1U);
}

TEST(PagePool, ZeroesPagesThatWereDecommitted) {
    PagePool pool(impatient);
    (void)use(pool, 4 * mib, 0xff);
    pool.trim();
    EXPECT_TRUE(reads(take(pool, 4 * mib), 0));
    EXPECT_EQ(pool.statistics().fresh, 1U);
}

TEST(PagePool, DoesNotZeroWithoutRequest) {
    PagePool pool;
    (void)use(pool, 64 * kib, 7);
    EXPECT_TRUE(reads(take(pool, 64 * kib, Contents::indeterminate), 7));
}

// Pitfall: bytes-of-last-user
TEST(PagePool, WipesReturnedPagesOnRequest) {
    PagePool pool({.wipe = true});
    Pooled pages = take(pool, 3 * mib);
    std::ranges::fill(pages, 0xff);
    const Pooled copy = take(pool, 3 * mib);
    const std::uint8_t* const first = pages.data();
    {
        const Pooled dropped = std::move(pages);
    }
    EXPECT_TRUE(std::all_of(first, first + 3 * mib, [](std::uint8_t byte) { return byte == 0; }));
    EXPECT_TRUE(reads(take(pool, 3 * mib, Contents::indeterminate), 0));
}

TEST(PagePool, WipesMemoryReturnedByVectors) {
    PagePool pool({.wipe = true});
    const std::uint64_t* first = nullptr;
    {
        PagedVec<std::uint64_t> vec(pool);
        vec.resize(100'000, ~std::uint64_t{0});
        first = vec.data();
    }
    EXPECT_TRUE(std::all_of(first, first + 100'000, [](std::uint64_t n) { return n == 0; }));
}

// -- permissions ----------------------------------------------------------------------------------

TEST(PagePool, GivesPagesOfOtherPermissions) {
    PagePool pool;
    const auto frozen = pool.take<AllowRead, DenyWrite, DenyExec>(64 * kib);
    EXPECT_TRUE(reads(frozen, 0));
    EXPECT_FALSE(probe::can_write(const_cast<std::uint8_t*>(frozen.data())));
}

// Pitfall: pool-permissions
TEST(PagePool, TakesPagesOfAnyPermissionsBack) {
    PagePool pool;
    const std::uint8_t* first = nullptr;
    {
        Pooled pages = take(pool, 64 * kib);
        first = pages.data();
        const auto closed = std::move(pages).deny_write();
        EXPECT_FALSE(probe::can_write(const_cast<std::uint8_t*>(closed.data())));
    }
    Pooled again = take(pool, 64 * kib);
    EXPECT_EQ(again.data(), first);
    again[0] = 1;
    EXPECT_EQ(again[0], 1);
}

TEST(PagePool, MakesReturnedCodeNonExecutable) {
    PagePool pool;
    {
        Pooled pages = take(pool, 1);
        pages.write_at(64, machine_code::constant(77));
        const auto code = std::move(pages).set_protected_exec();
        EXPECT_EQ(code.get_fn<std::uint32_t()>(64)(), 77U);
    }
    const Pooled again = take(pool, 1);
    EXPECT_EQ(pool.statistics().fresh, 1U);
    if (probe::permissions_are_told()) {
        EXPECT_EQ(probe::permissions(again.data()), "rw-");
    }
    EXPECT_TRUE(reads(again, 0));
}

// -- how much is kept, and how long ---------------------------------------------------------------

// Pitfall: cache-never-frees
TEST(PagePool, KeepsAtMostItsLimitOfBytes) {
    PagePool pool({.max_bytes = mib, .max_age = ages, .huge_pages = HugePages::never});
    std::vector<Pooled> held;
    for (int i = 0; i < 40; ++i) {
        held.push_back(take(pool, 128 * kib));
    }
    EXPECT_EQ(pool.statistics().total_bytes, 40 * 128 * kib);
    held.clear();
    EXPECT_LE(pool.statistics().idle_bytes, mib);
    EXPECT_GE(pool.statistics().idle_bytes, mib / 2);
    EXPECT_EQ(pool.statistics().total_bytes, pool.statistics().idle_bytes);
}

TEST(PagePool, FreesTheOldestFirst) {
    PagePool pool({.max_bytes = mib, .max_age = ages, .huge_pages = HugePages::never});
    std::vector<Pooled> held;
    // More than a thread's cache holds, so that some are shared.
    for (int i = 0; i < 32; ++i) {
        held.push_back(take(pool, 64 * kib));
    }
    const std::uint8_t* const oldest = held.front().data();
    const std::uint8_t* const newest = held.back().data();
    for (Pooled& pages : held) {
        const Pooled dropped = std::move(pages);
    }
    EXPECT_LE(pool.statistics().idle_bytes, mib);
    EXPECT_TRUE(probe::can_read(oldest)) << "the first are in the thread's own cache";
    EXPECT_TRUE(probe::can_read(newest));
}

TEST(PagePool, FreesTooLargePagesAtOnce) {
    PagePool pool({.max_bytes = mib, .max_age = ages});
    const std::uint8_t* const first = use(pool, 8 * mib, 7);
    EXPECT_FALSE(probe::holds(first, 7));
    EXPECT_EQ(pool.statistics().total_bytes, 0U);
}

// Pitfall: pool-scaling
TEST(PagePool, UsesTheUnusedQuotaOfOtherThreads) {
    PagePool pool({.max_bytes = 4 * mib, .max_age = ages, .huge_pages = HugePages::never});
    // This thread may cache all, and then uses them.
    {
        const Pooled pages = take(pool, 4 * mib);
    }
    Pooled pages = take(pool, 4 * mib);
    std::thread([&] {
        {
            const Pooled dropped = std::move(pages);
        }
        EXPECT_EQ(pool.statistics().idle_bytes, 4 * mib);
    }).join();
    EXPECT_EQ(pool.statistics().fresh, 1U);
}

TEST(PagePool, ClearFreesEverything) {
    PagePool pool;
    std::vector<const std::uint8_t*> were;
    {
        std::vector<Pooled> held;
        for (int i = 0; i < 20; ++i) {
            held.push_back(take(pool, 64 * kib));
            held.back()[0] = 7;
            were.push_back(held.back().data());
        }
    }
    pool.clear();
    EXPECT_EQ(pool.statistics().total_bytes, 0U);
    EXPECT_EQ(pool.statistics().idle_bytes, 0U);
    EXPECT_TRUE(std::ranges::none_of(
        were, [](const std::uint8_t* first) { return probe::holds(first, 7); }));
}

// Pitfall: huge-page-partly-freed
// Pitfall: cache-never-frees
TEST(PagePool, TrimFreesMemoryBeforeAddresses) {
    const auto second_trim_frees_addresses = [] {
        PagePool pool(impatient);
        const std::uint8_t* const first = use(pool, 4 * mib);
        EXPECT_EQ(probe::resident_bytes(first, 4 * mib), 4 * mib) << "kept until then";
        pool.trim();
        EXPECT_EQ(probe::resident_bytes(first, 4 * mib), 0U);
        EXPECT_TRUE(probe::can_read(first));
        EXPECT_EQ(pool.statistics().idle_bytes, 0U);
        pool.trim();
        EXPECT_EQ(pool.statistics().total_bytes, 0U);
        return !probe::can_read(first);
    };
    EXPECT_TRUE(rounds::one_succeeds(second_trim_frees_addresses));
}

TEST(PagePool, TrimKeepsRecentPages) {
    PagePool pool({.max_age = ages});
    {
        const Pooled pages = take(pool, 4 * mib);
    }
    pool.trim();
    pool.trim();
    pool.trim();
    EXPECT_EQ(pool.statistics().idle_bytes, pool.statistics().total_bytes);
    (void)take(pool, 4 * mib);
    EXPECT_EQ(pool.statistics().fresh, 1U);
}

// Pitfall: cache-never-frees
TEST(PagePool, TrimReachesTheCachesOfOtherThreads) {
    PagePool pool(impatient);
    std::optional<const std::uint8_t*> first;
    std::thread other([&] {
        Pooled pages = take(pool, mib);
        std::ranges::fill(pages, 1);
        first = pages.data();
        {
            const Pooled dropped = std::move(pages);
        }
        std::thread([&] { pool.trim(); }).join();
        EXPECT_EQ(probe::resident_bytes(*first, mib), 0U);
    });
    other.join();
}

/// Two hundred blocks become idle: in this thread's cache, on the shelf, and from another thread.
/// False: it took as long as `age`, so the pool may have trimmed meanwhile.
bool expect_trims_what_is_too_old(std::chrono::milliseconds age) {
    PagePool pool({.max_age = age, .huge_pages = HugePages::never});
    std::vector<Pooled> held;
    for (int i = 0; i < 200; ++i) {
        held.push_back(take(pool, page_size()));
    }
    Pooled others = std::move(held.back());
    const auto start = std::chrono::steady_clock::now();
    std::thread([dropped = std::move(others)] {}).join();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    held.clear();
    const std::size_t idle_bytes = pool.statistics().idle_bytes;
    if (std::chrono::steady_clock::now() - start >= age) {
        return false;
    }
    EXPECT_NE(idle_bytes, 0U);
    std::this_thread::sleep_for(age);
    pool.trim();
    EXPECT_EQ(pool.statistics().idle_bytes, 0U);
    EXPECT_EQ(pool.statistics().total_bytes, 200 * page_size()) << "addresses go later";
    std::this_thread::sleep_for(age);
    pool.trim();
    EXPECT_EQ(pool.statistics().total_bytes, 0U);
    return true;
}

TEST(PagePool, TrimFreesExpiredPagesInEveryCache) {
    auto age = std::chrono::milliseconds(20);
    while (!expect_trims_what_is_too_old(age)) {
        age *= 2;
    }
}

TEST(PagePool, FreesManySmallPiecesForALargeOne) {
    const std::size_t most = 1024 * page_size();
    PagePool pool({.max_bytes = most, .max_age = ages, .huge_pages = HugePages::never});
    Pooled large = take(pool, most - 64 * page_size());
    const std::uint8_t* const first = large.data();
    {
        std::vector<Pooled> held;
        for (int i = 0; i < 1000; ++i) {
            held.push_back(take(pool, page_size()));
        }
    }
    EXPECT_EQ(pool.statistics().idle_bytes, 1000 * page_size());
    {
        const Pooled dropped = std::move(large);
    }
    EXPECT_LE(pool.statistics().idle_bytes, most);
    EXPECT_TRUE(probe::can_read(first));
    EXPECT_EQ(pool.statistics().total_bytes, pool.statistics().idle_bytes);
}

TEST(PagePool, BacksLargePagesWithHugePages) {
    if (!probe::advice_acts() || !is_supported(HugePages::prefer) || huge_page_size() > 32 * mib) {
        GTEST_SKIP() << "the system builds no huge pages, or none of a size to take unasked";
    }
    PagePool pool;
    Pooled pages = take(pool, 8 * huge_page_size());
    std::ranges::fill(pages, 1);
    EXPECT_GE(probe::huge_bytes(pages.data(), pages.size()), 7 * huge_page_size());
}

// -- the end of things ----------------------------------------------------------------------------

// Pitfall: pages-outlive-pool
TEST(PagePool, CanEndBeforeItsPages) {
    std::optional<Pooled> pages;
    const std::uint8_t* idle = nullptr;
    {
        PagePool pool;
        idle = use(pool, 128 * kib, 7);
        pages = take(pool, 64 * kib);
    }
    EXPECT_FALSE(probe::holds(idle, 7));
    (*pages)[0] = 7;
    const std::uint8_t* const first = pages->data();
    pages.reset();
    EXPECT_FALSE(probe::holds(first, 7));
}

TEST(PagePool, TakesPagesBackFromAnotherThread) {
    PagePool pool;
    Pooled pages = take(pool, 64 * kib);
    const std::uint8_t* const first = pages.data();
    std::thread([dropped = std::move(pages)] {}).join();
    EXPECT_EQ(use(pool, 64 * kib), first) << "what a thread leaves is for others";
    EXPECT_EQ(pool.statistics().fresh, 1U);
}

TEST(PagePool, FreesPagesOfAnEndedThreadToMakeRoom) {
    PagePool pool({.max_bytes = mib, .max_age = ages, .huge_pages = HugePages::never});
    std::thread([&] {
        std::vector<Pooled> held;
        for (int i = 0; i < 8; ++i) {
            held.push_back(take(pool, 128 * kib));
        }
    }).join();
    ASSERT_EQ(pool.statistics().idle_bytes, mib);
    for (int i = 0; i < 2; ++i) {
        (void)use(pool, mib);
        EXPECT_EQ(pool.statistics().idle_bytes, mib);
    }
    EXPECT_EQ(pool.statistics().reused, 1U) << "the newer pages are kept";
}

// Pitfall: pool-scaling
TEST(PagePool, TakesFromTheCacheOfARunningThread) {
    PagePool pool;
    const std::uint8_t* const first = use(pool, 64 * kib);
    std::thread([&] { EXPECT_EQ(use(pool, 64 * kib), first); }).join();
    EXPECT_EQ(pool.statistics().fresh, 1U);
}

TEST(PagePool, AllowsManyPoolsInTurnInOneThread) {
    for (int i = 0; i < 100; ++i) {
        PagePool pool;
        {
            const Pooled pages = take(pool, 64 * kib);
        }
        PagePool other;
        const Pooled pages = take(other, 64 * kib);
        EXPECT_EQ(take(pool, 64 * kib).size(), 64 * kib);
        EXPECT_EQ(pool.statistics().fresh, 1U);
    }
}

TEST(PagePool, AllowsAlternatingPoolsInOneThread) {
    std::vector<std::unique_ptr<PagePool>> pools;
    for (int i = 0; i < 300; ++i) {
        pools.push_back(std::make_unique<PagePool>());
    }
    std::vector<const std::uint8_t*> firsts;
    for (const auto& pool : pools) {
        firsts.push_back(use(*pool, page_size()));
    }
    for (std::size_t i = 0; i < pools.size(); ++i) {
        EXPECT_EQ(use(*pools[i], page_size()), firsts[i]);
    }
    for (std::size_t i = 0; i < pools.size(); i += 2) {
        pools[i] = std::make_unique<PagePool>();
    }
    for (const auto& pool : pools) {
        (void)use(*pool, page_size());
        EXPECT_EQ(pool->statistics().fresh, 1U);
    }
}

/// Destroyed in reverse order: the pages after their pool.
struct AtTheEnd {
    std::optional<Pooled> pages;
    std::optional<PagedVec<int>> vec;
};
AtTheEnd& at_the_end() {
    static AtTheEnd things;
    return things;
}
PagePool& ends_before() {
    static PagePool pool;
    return pool;
}

// Pitfall: pages-outlive-pool
TEST(PagePool, TakesPagesBackAfterMainAndAfterItsEnd) {
    at_the_end().pages.emplace(take(ends_before(), mib));
    at_the_end().vec.emplace(ends_before());
    at_the_end().vec->push_back(1);
}

TEST(PagePool, ProcessPoolIsASingleton) {
    PagePool& pool = PagePool::process();
    EXPECT_EQ(&pool, &PagePool::process());
    static std::optional<Pooled> pages;
    pages.emplace(take(pool, 64 * kib));
    EXPECT_GE(pool.statistics().fresh, 1U);
}

// -- threads --------------------------------------------------------------------------------------

TEST(PagePool, ServesManyEndingThreads) {
    PagePool pool({.max_bytes = 16 * mib, .max_age = std::chrono::milliseconds(1)});
    for (int round = 0; round < 4; ++round) {
        std::vector<std::thread> threads;
        for (unsigned thread = 0; thread < 6; ++thread) {
            threads.emplace_back([&pool, thread] {
                for (unsigned i = 0; i < 200; ++i) {
                    const auto mark = static_cast<std::uint8_t>(thread + 1);
                    Pooled pages = take(pool, (1 + i % 5) * 64 * kib, Contents::indeterminate);
                    std::ranges::fill(pages, mark);
                    PagedVec<std::uint8_t> vec(pool);
                    vec.resize(1000 * (i % 7), mark);
                    EXPECT_TRUE(reads(pages, mark));
                    EXPECT_TRUE(reads(vec, mark));
                    if (i % 50 == thread) {
                        pool.trim();
                    } else if (i % 90 == thread) {
                        pool.clear();
                    }
                    EXPECT_GE(pool.statistics().total_bytes, pages.size());
                }
            });
        }
        for (std::thread& thread : threads) {
            thread.join();
        }
        EXPECT_LE(pool.statistics().idle_bytes, 16 * mib);
    }
    pool.clear();
    EXPECT_EQ(pool.statistics().total_bytes, 0U);
}

TEST(PagePool, KeepsPagesWithoutAnAgeLimit) {
    PagePool pool({.max_age = std::chrono::milliseconds::max()});
    const std::uint8_t* const first = use(pool, 64 * kib);
    pool.trim();
    pool.trim();
    EXPECT_EQ(use(pool, 64 * kib), first);
    EXPECT_EQ(pool.statistics().reused, 1U);
}

TEST(PagePool, ReusesPagesOfTheRightSizeFromAnyOwner) {
    constexpr std::size_t small = 64 * kib;
    constexpr std::size_t large = 256 * kib;
    PagePool pool({.max_age = ages, .huge_pages = HugePages::never});
    std::atomic<bool> is_over = false;
    // Other threads put here what they took, and this thread returns it: they have nothing idle.
    std::atomic<Pooled*> returned{nullptr};
    std::set<const std::uint8_t*> small_ones;
    std::thread owner([&] {
        for (bool is_small_first = false; !is_over; is_small_first = !is_small_first) {
            const std::unique_ptr<Pooled> theirs(returned.exchange(nullptr));
            // The block of one slot of this thread's cache moves to the other.
            std::optional<Pooled> one = take(pool, small, Contents::indeterminate);
            const Pooled other = take(pool, large, Contents::indeterminate);
            small_ones.insert(one->data());
            if (is_small_first) {
                one.reset();
            }
        }
    });
    std::set<const std::uint8_t*> large_ones;
    for (int i = 0; i < 200'000; ++i) {
        auto pages = std::make_unique<Pooled>(take(pool, large, Contents::indeterminate));
        large_ones.insert(pages->data());
        pages.reset(returned.exchange(pages.release()));
    }
    is_over = true;
    owner.join();
    delete returned.load();
    for (const std::uint8_t* const address : small_ones) {
        EXPECT_FALSE(large_ones.contains(address));
    }
}

// Pitfall: pages-outlive-pool
TEST(PagePool, CanEndWhileThreadsReturnPages) {
    for (int round = 0; round < 50; ++round) {
        std::vector<std::thread> threads;
        {
            PagePool pool;
            for (int i = 0; i < 3; ++i) {
                std::vector<Pooled> pages;
                for (std::size_t k = 1; k < 6; ++k) {
                    pages.push_back(take(pool, k * 64 * kib));
                }
                threads.emplace_back([mine = std::move(pages)]() mutable { mine.clear(); });
            }
        }
        for (std::thread& thread : threads) {
            thread.join();
        }
    }
}

// -- vectors --------------------------------------------------------------------------------------

TEST(PagePool, ReusesTheMemoryOfAVectorForTheNext) {
    PagePool pool;
    const int* first = nullptr;
    std::size_t capacity = 0;
    for (int round = 0; round < 3; ++round) {
        PagedVec<int> vec(pool);
        EXPECT_TRUE(vec.empty());
        EXPECT_EQ(vec.capacity(), capacity);
        for (int i = 0; i < 100'000; ++i) {
            vec.push_back(i);
        }
        EXPECT_EQ(vec[99'999], 99'999);
        EXPECT_TRUE(round == 0 || vec.data() == first);
        first = vec.data();
        capacity = vec.capacity();
    }
    EXPECT_EQ(pool.statistics().fresh, 1U);
    EXPECT_EQ(pool.statistics().idle_bytes, capacity * sizeof(int));
}

TEST(PagePool, ReusesTheMemoryOfAVectorForAnotherType) {
    PagePool pool;
    const void* first = nullptr;
    {
        PagedVec<std::uint64_t> numbers(pool);
        numbers.resize(1000, ~std::uint64_t{0});
        first = numbers.data();
    }
    PagedVec<char> text(pool);
    text.resize(100);
    EXPECT_EQ(static_cast<const void*>(text.data()), first);
    EXPECT_EQ(text[99], 0) << "elements are made, not found";
}

TEST(PagePool, TakesBackTheLargerReservationOfAVector) {
    PagePool pool;
    std::size_t larger = 0;
    {
        PagedVec<std::uint8_t> vec(pool);
        vec.push_back(5);
        vec.reserve_exact(vec.stable_capacity() + 1);
        EXPECT_EQ(vec[0], 5);
        larger = vec.stable_capacity();
        vec.shrink_to_fit();
    }
    const PagedVec<std::uint8_t> again(pool);
    EXPECT_EQ(again.stable_capacity(), larger);
    EXPECT_EQ(pool.statistics().fresh, 1U);
}

TEST(PagePool, FollowsAVectorThatIsMoved) {
    PagePool pool;
    {
        PagedVec<int> vec(pool);
        vec.push_back(1);
        PagedVec<int> moved = std::move(vec);
        vec = PagedVec<int>();
        vec.push_back(2);  // Without a pool.
        const PagedVec<int> copy(moved);
        EXPECT_EQ(copy[0], 1);
    }
    EXPECT_EQ(pool.statistics().idle_bytes, pool.statistics().total_bytes);
    EXPECT_EQ(pool.statistics().fresh, 1U);
}

TEST(PagePool, CanEndBeforeItsVectors) {
    std::optional<PagedVec<int>> vec;
    {
        PagePool pool;
        vec.emplace(pool);
    }
    vec->push_back(7);
    const int* const first = vec->data();
    vec.reset();
    EXPECT_FALSE(probe::holds(first, 7));
}

TEST(PagePool, TrimFreesTheMemoryOfVectors) {
    PagePool pool(impatient);
    const std::uint8_t* first = nullptr;
    {
        PagedVec<std::uint8_t> vec(pool);
        vec.resize(mib, 1);
        first = vec.data();
    }
    pool.trim();
    EXPECT_EQ(probe::resident_bytes(first, mib), 0U);
    PagedVec<std::uint8_t> vec(pool);
    EXPECT_EQ(vec.data(), first);
    vec.resize(mib, 2);
    EXPECT_TRUE(reads(vec, 2));
}

TEST(PagePool, TryWithPoolDoesTheSameWithoutThrowing) {
    PagePool pool;
    Result<PagedVec<int>> vec = PagedVec<int>::try_with_pool(pool);
    ASSERT_TRUE(vec);
    vec->push_back(3);
    EXPECT_EQ(vec->back(), 3);
}

// -- contracts ------------------------------------------------------------------------------------

using checks::BorrowCheck;
using checks::Contract;

TEST_F(Contract, MovedFromPooledPagesCannotBeRead) {
    PagePool pool;
    auto pages = pool.take<AllowRead, AllowWrite, DenyExec>(1);
    checks::take_from(pages);
    EXPECT_DEATH((void)pages.data(),
                 "memory_pages: PooledPages::data: there are no pages: empty, or moved from");
    EXPECT_EQ(pages.size(), 0U);
}

TEST_F(BorrowCheck, StopsReturnToThePool) {
    PagePool pool;
    std::optional pages(pool.take<AllowRead, AllowWrite, DenyExec>(1));
    EXPECT_DEATH(pages->write([&](std::span<std::uint8_t>) { pages.reset(); }),
                 "memory_pages: PooledPages::~PooledPages: ");
}

}  // namespace
}  // namespace memory_pages
