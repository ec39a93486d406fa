// SPDX-License-Identifier: MIT
#include <memory_pages/guarded_pages.hpp>
#include <memory_pages/page_pool.hpp>
#include <memory_pages/paged_vec.hpp>
#include <memory_pages/pages.hpp>
#include <memory_pages/reservation.hpp>

#include "support/child.hpp"
#include "support/probe.hpp"
#include "support/threads.hpp"

#include <gtest/gtest.h>

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <thread>
#include <utility>
#include <vector>

namespace memory_pages {
namespace {

using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;

bool all_are(const ReadWrite& pages, std::uint8_t value) {
    return std::ranges::all_of(pages, [=](std::uint8_t byte) { return byte == value; });
}

/// In a child, memory that other threads of the parent held is never released.
bool is_child_among_threads = false;

/// Whether children pass that are forked while other threads work all the time: so many threads
/// that one of them is nearly always in the middle of it.
testing::AssertionResult passes_while_others(const std::function<void()>& do_something,
                                             const std::function<void()>& act) {
    std::atomic<bool> is_over = false;
    threads::Countdown at_work(4);
    std::vector<std::thread> others;
    for (int i = 0; i < 4; ++i) {
        others.emplace_back([&] {
            do_something();
            at_work.count_down();
            while (!is_over) {
                do_something();
            }
        });
    }
    at_work.wait();
    testing::AssertionResult passes = testing::AssertionSuccess();
    for (int i = 0; i < 8 && passes; ++i) {
        passes = child::passes([&] {
            is_child_among_threads = true;
            ::alarm(10);  // A time limit.
            act();
        });
    }
    is_over = true;
    for (std::thread& other : others) {
        other.join();
    }
    return passes;
}

// Pitfall: fork-shares-pages
TEST(Fork, GivesTheChildItsOwnPages) {
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

// Pitfall: fork-loses-guards
TEST(Fork, GivesTheChildItsOwnGuards) {
    GuardedPages<AllowRead, AllowWrite, DenyExec> pages(4 * probe::page_size());
    std::ranges::fill(pages, std::uint8_t{5});
    const std::size_t offset = 2 * probe::page_size();
    pages.guard(offset, probe::page_size());
    EXPECT_TRUE(child::passes([&] {
        EXPECT_FALSE(probe::can_read(pages.data() + offset));
        EXPECT_FALSE(probe::can_read(pages.data() - 1));
        EXPECT_FALSE(probe::can_read(pages.data() + pages.size()));
        EXPECT_EQ(pages[0], 5);
        pages.guard(0, probe::page_size());
        pages.unguard(offset, probe::page_size());
        pages[offset] = 6;
    }));
    EXPECT_FALSE(probe::can_read(pages.data() + offset));
    EXPECT_EQ(pages[0], 5);
}

TEST(Fork, GivesTheChildItsOwnVector) {
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

TEST(Fork, GivesTheChildItsOwnReservation) {
    const Reservation reservation(64 * probe::page_size());
    auto range = reservation.commit<AllowRead, AllowWrite>(0, 2 * probe::page_size());
    range[0] = 5;
    EXPECT_TRUE(child::passes([&] {
        EXPECT_EQ(range[0], 5);
        auto [front, behind] = std::move(range).split_at(probe::page_size());
        front[0] = 6;
        const auto more =
            reservation.commit<AllowRead, AllowWrite>(2 * probe::page_size(), probe::page_size());
        EXPECT_EQ(reservation.ranges(), 3U);
    }));
    EXPECT_EQ(range[0], 5);
    EXPECT_EQ(reservation.ranges(), 1U);
}

// Pitfall: fork-lock-held
TEST(Fork, LetsTheChildSplitPagesDespiteBusyThreads) {
    const auto split_and_join = [] {
        ReadWrite pages(2 * probe::page_size());
        for (int i = 0; i < 100; ++i) {
            auto [front, behind] = std::move(pages).split_at(probe::page_size());
            pages = std::move(front).join(std::move(behind));
        }
        return pages.size();
    };
    EXPECT_TRUE(passes_while_others(split_and_join,
                                    [&] { EXPECT_EQ(split_and_join(), 2 * probe::page_size()); }));
}

// Pitfall: fork-lock-held
TEST(Fork, LetsTheChildBorrowPagesDespiteBusyThreads) {
    const ReadWrite pages(probe::page_size());
    const auto borrow = [&] {
        return pages.read([](std::span<const std::uint8_t> bytes) { return bytes[0]; });
    };
    EXPECT_TRUE(passes_while_others(borrow, [&] { EXPECT_EQ(borrow(), 0); }));
}

TEST(Fork, GivesTheChildItsOwnPool) {
    PagePool pool;
    const auto take = [&pool] {
        return pool.take<AllowRead, AllowWrite, DenyExec>(64 * probe::page_size());
    };
    auto mine = take();
    std::ranges::fill(mine, std::uint8_t{5});
    {
        const auto idle = take();
    }
    EXPECT_TRUE(child::passes([&] {
        EXPECT_EQ(mine[0], 5);
        auto pages = take();
        std::ranges::fill(pages, std::uint8_t{6});
        {
            const auto dropped = std::move(mine);
        }
        pool.trim();
        pool.clear();
        EXPECT_EQ(pool.statistics().idle_bytes, 0U);
    }));
    EXPECT_EQ(mine[0], 5);
    const auto zeroed = take();
    EXPECT_EQ(zeroed[0], 0);
}

/// The action of fork handlers that were registered before any of the library could be.
std::atomic<void (*)()> early_handler{nullptr};
void call_early_handler() {
    if (void (*const handler)() = early_handler) {
        handler();
    }
}
[[gnu::constructor(101)]] void register_early_handler() {
    (void)::pthread_atfork(call_early_handler, call_early_handler, call_early_handler);
}

// Pitfall: fork-handler-deadlock
TEST(Fork, LetsHandlersUseAPoolDespiteBusyThreads) {
    static PagePool* the_pool = nullptr;
    PagePool pool;
    the_pool = &pool;
    early_handler = [] {
        (void)the_pool->take<AllowRead, AllowWrite, DenyExec>(1);
        (void)the_pool->statistics();
    };
    EXPECT_TRUE(
        passes_while_others([&] { return pool.statistics(); }, [] { early_handler.load()(); }));
    early_handler = nullptr;
}

// Pitfall: fork-counts-stale
TEST(Fork, CountsNoUnfinishedTakeOfAParentThread) {
    PagePool pool;
    const auto use = [&] { (void)pool.take<AllowRead, AllowWrite, DenyExec>(1); };
    for (int i = 0; i < 8; ++i) {
        EXPECT_TRUE(passes_while_others(use, [&] {
            use();
            pool.clear();
            EXPECT_EQ(pool.statistics().idle_bytes, 0U);
        }));
    }
}

// Pitfall: fork-lock-held
TEST(Fork, LeavesNoPoolLockedInTheChild) {
    PagePool pool;
    EXPECT_TRUE(passes_while_others([&] { return pool.statistics(); },
                                    [&] {
                                        (void)pool.take<AllowRead, AllowWrite, DenyExec>(
                                            probe::page_size());
                                        pool.clear();
                                        EXPECT_EQ(pool.statistics().idle_bytes, 0U);
                                    }));
}

}  // namespace
}  // namespace memory_pages

// LeakSanitizer calls it at the end of a process.
// NOLINTNEXTLINE(bugprone-reserved-identifier)
extern "C" int __lsan_is_turned_off();
int __lsan_is_turned_off() { return memory_pages::is_child_among_threads ? 1 : 0; }
