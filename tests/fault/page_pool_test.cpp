// SPDX-License-Identifier: MIT
// A pool when the system refuses, on systems of every kind.

#include "machines.hpp"
#include "support/fails.hpp"
#include "support/fragile.hpp"

#include <memory_pages/page_pool.hpp>
#include <memory_pages/paged_vec.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace {

using namespace memory_pages;
using fake::Access;
using fake::Verb;

using Pooled = PooledPages<AllowRead, AllowWrite, DenyExec>;

class FaultyPool : public fake::EveryMachine {
protected:
    static std::size_t bytes() { return 5 * page(); }

    static Pooled take(PagePool& pool, Contents contents = Contents::zero) {
        return pool.take<AllowRead, AllowWrite, DenyExec>(bytes(), contents);
    }
    static std::unique_ptr<PagePool> impatient() {
        return std::make_unique<PagePool>(PoolOptions{.max_age = std::chrono::milliseconds(0)});
    }
    static bool reads(const Pooled& pages, std::uint8_t value) {
        return std::ranges::all_of(pages, [=](std::uint8_t byte) { return byte == value; });
    }
};

INSTANTIATE_TEST_SUITE_P(, FaultyPool, testing::ValuesIn(fake::every_machine),
                         fake::name_of_machine);

TEST_P(FaultyPool, AsksTheSystemForNothingThatItHas) {
    PagePool pool;
    {
        const Pooled pages = take(pool);
    }
    fake::forget_calls();
    for (int i = 0; i < 100; ++i) {
        const Pooled pages = take(pool, Contents::indeterminate);
    }
    EXPECT_TRUE(fake::calls().empty());
}

TEST_P(FaultyPool, WorksWhereAThreadCanKeepNothing) {
    fake::machine().keeps_values_of_threads = false;
    PagePool pool;
    {
        const Pooled pages = take(pool);
    }
    EXPECT_TRUE(reads(take(pool), 0));
    const PagedVec<int> vec(pool);
    EXPECT_EQ(pool.statistics().fresh, 2U);
    EXPECT_EQ(pool.statistics().reused, 1U);
}

TEST_P(FaultyPool, ClearsWhatItHandsOutAsZero) {
    PagePool pool;
    std::ranges::fill(take(pool), 7);
    EXPECT_TRUE(reads(take(pool), 0));
    EXPECT_EQ(fake::count_of(Verb::clear), 1U);
}

TEST_P(FaultyPool, ZeroesWhatHasNoMemoryAnyMore) {
    const auto pool = impatient();
    std::ranges::fill(take(*pool), 7);
    pool->trim();
    EXPECT_EQ(fake::count_of(Verb::decommit_all), 1U);
    EXPECT_TRUE(reads(take(*pool), 0));
    EXPECT_EQ(fake::count_of(Verb::zero), 1U);
}

TEST_P(FaultyPool, ReplacesWhatCannotBeZeroed) {
    const auto pool = impatient();
    std::ranges::fill(take(*pool), 7);
    pool->trim();
    fake::fail({.verb = Verb::zero});
    EXPECT_TRUE(reads(take(*pool), 0));
    EXPECT_EQ(fake::stop_failing(), Verb::zero);
    EXPECT_EQ(pool->statistics().fresh, 2U);
    EXPECT_EQ(fake::areas_left(), 1U);
}

TEST_P(FaultyPool, MakesSureOfPagesThatMayHaveBeenLost) {
    const auto lose = [](Verb verb, auto act) {
        PagePool pool;
        {
            Pooled pages = take(pool);
            fake::fail({.verb = verb});
            EXPECT_FALSE(act(pages));
            EXPECT_EQ(fake::stop_failing(), verb);
            fake::fail({.verb = Verb::protect});  // As Windows does of pages out of reach.
        }
        EXPECT_EQ(fake::stop_failing(), Verb::protect);
        EXPECT_EQ(pool.statistics().total_bytes, 0U);
    };
    lose(Verb::decommit, [](Pooled& pages) { return pages.try_decommit(); });
    lose(Verb::decommit_all, [](Pooled& pages) {
        return pages.try_decommit(std::array{ByteRange{0, page()}, ByteRange{2 * page(), page()}});
    });
    lose(Verb::zero, [](Pooled& pages) { return pages.try_zero(); });
}

TEST_P(FaultyPool, IsAsItWasWhenFreshPagesAreRefused) {
    fake::refuse_each_call([] { return std::make_unique<PagePool>(); },
                           [](std::unique_ptr<PagePool>& pool) {
                               const auto pages =
                                   pool->try_take<AllowRead, DenyWrite, DenyExec>(bytes());
                               return pages ? std::error_code() : pages.error();
                           },
                           [](std::unique_ptr<PagePool>& pool, std::error_code) {
                               EXPECT_TRUE(reads(take(*pool), 0));
                               pool->clear();
                               EXPECT_EQ(pool->statistics().total_bytes, 0U);
                               EXPECT_EQ(fake::areas_left(), 0U);
                           });
}

TEST_P(FaultyPool, GivesBackWhatIsIdleAndAsksAgain) {
    PagePool pool;
    {
        const Pooled pages = take(pool);
    }
    fake::machine().memory = 2 * bytes() - page();
    const auto other = pool.take<AllowRead, AllowWrite, DenyExec>(bytes() + page());
    EXPECT_EQ(other.size(), bytes() + page());
    EXPECT_EQ(fake::areas_left(), 1U);
    EXPECT_EQ((pool.try_take<AllowRead, AllowWrite, DenyExec>(bytes()).error()),
              PageError::commit_limit);
}

TEST_P(FaultyPool, LosesNoPagesThatCannotBecomeWritableAgain) {
    PagePool pool;
    {
        auto frozen = take(pool).deny_write();
        fake::fail({.verb = Verb::protect});
    }
    EXPECT_EQ(fake::stop_failing(), Verb::protect);
    EXPECT_EQ(fake::areas_left(), 0U);
    EXPECT_EQ(pool.statistics().total_bytes, 0U);
}

TEST_P(FaultyPool, GivesBackWholeWhatCannotBeEmptied) {
    const auto pool = impatient();
    {
        const Pooled pages = take(*pool);
    }
    fake::fail({.verb = Verb::decommit_all});
    pool->trim();
    EXPECT_EQ(fake::stop_failing(), Verb::decommit_all);
    EXPECT_EQ(fake::areas_left(), 0U);
    EXPECT_EQ(pool->statistics().total_bytes, 0U);
}

TEST_P(FaultyPool, LeavesPagesAsTheyAreThatMayNotChange) {
    PagePool pool;
    Pooled pages = take(pool);
    pages[1] = 5;
    fake::fail({.verb = Verb::protect});
    auto refused = std::move(pages).try_deny_write();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().pages[1], 5);
}

TEST_P(FaultyPool, GivesAVectorNothingOrWhatItNeeds) {
    fake::refuse_each_call([] { return std::make_unique<PagePool>(); },
                           [](std::unique_ptr<PagePool>& pool) {
                               Result<PagedVec<int>> vec = PagedVec<int>::try_with_pool(*pool);
                               if (!vec) {
                                   return vec.error();
                               }
                               const Result<void> done = vec->try_push_back(1);
                               return done ? std::error_code() : done.error();
                           },
                           [](std::unique_ptr<PagePool>& pool, std::error_code) {
                               pool->clear();
                               EXPECT_EQ(fake::areas_left(), 0U);
                           });
    PagePool pool;
    fake::machine().address_space = 0;
    EXPECT_BAD_ALLOC(PagedVec<int>(pool));
}

TEST_P(FaultyPool, KeepsWhatAVectorMovedToAndNothingElse) {
    PagePool pool;
    {
        PagedVec<std::uint8_t> vec(pool);
        vec.push_back(7);
        vec.reserve_exact(vec.stable_capacity() + 1);
        EXPECT_EQ(vec[0], 7);
    }
    EXPECT_EQ(fake::areas_left(), 1U);
    EXPECT_EQ(pool.statistics().idle_bytes, fake::bytes_in_use());
    pool.clear();
    EXPECT_EQ(fake::areas_left(), 0U);
}

TEST_P(FaultyPool, KeepsWhatAVectorMovedToElementByElement) {
    PagePool pool;
    {
        PagedVec<fragile::Element<fragile::Moves::never_throw>> vec(pool);
        vec.emplace_back(7);
        vec.reserve_exact(vec.stable_capacity() + 1);
        EXPECT_EQ(vec[0], 7);
    }
    EXPECT_EQ(fake::areas_left(), 1U);
    EXPECT_EQ(pool.statistics().idle_bytes, fake::bytes_in_use());
}

TEST_P(FaultyPool, GivesUpWhatIsIdleForAVectorThatGrows) {
    PagePool pool;
    PagedVec<std::uint8_t> vec(pool);
    vec.reserve_exact(page());
    const auto fill = [&] { (void)take(pool); };
    fill();
    fake::machine().memory = vec.capacity() + bytes();
    vec.resize(vec.capacity() + bytes());
    EXPECT_EQ(pool.statistics().idle_bytes, 0U);

    fake::machine().memory = fake::Machine::plenty;
    fill();
    fake::machine().memory = fake::bytes_charged();
    EXPECT_FALSE(vec.try_reserve(vec.stable_capacity() + bytes()));
    EXPECT_EQ(pool.statistics().idle_bytes, 0U);
}

}  // namespace
