// SPDX-License-Identifier: MIT
// A pool on all kinds of systems when the system refuses.

#include "machines.hpp"
#include "support/enumerators.hpp"
#include "support/fails.hpp"
#include "support/fragile.hpp"

#include <memory_pages/page_pool.hpp>
#include <memory_pages/paged_vec.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
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

/// The calls of this verb since `forget_calls`.
std::vector<fake::Call> asked(Verb verb) {
    std::vector<fake::Call> found;
    std::ranges::copy_if(fake::calls(), std::back_inserter(found),
                         [=](const fake::Call& call) { return call.verb == verb; });
    return found;
}

bool stays_with_memory(Advice advice) {
    return advice == Advice::sequential || advice == Advice::random;
}

// Pitfall: pool-advice
TEST_P(FaultyPool, UndoesOnlyAdviceThatWasGiven) {
    for (const Advice advice : enumerators::every<Advice>) {
        for (const bool is_of_many : {false, true}) {
            PagePool pool;
            const std::uint8_t* base = nullptr;
            {
                const Pooled pages = take(pool);
                base = pages.data();
                if (is_of_many) {
                    pages.advise(advice, std::array{ByteRange{page(), page()}});
                } else {
                    pages.advise(advice, page(), page());
                }
                fake::forget_calls();
            }
            if (!stays_with_memory(advice)) {
                EXPECT_TRUE(fake::calls().empty());
                continue;
            }
            ASSERT_EQ(fake::calls().size(), 1U);
            const fake::Call call = fake::calls()[0];
            EXPECT_EQ(call.verb, Verb::advise);
            EXPECT_EQ(call.advice, Advice::normal);
            EXPECT_EQ(reinterpret_cast<const std::uint8_t*>(call.base), base);
            EXPECT_EQ(call.bytes, bytes()) << "of all: parts were other mappings";
            fake::forget_calls();
            (void)take(pool, Contents::indeterminate);
            EXPECT_TRUE(fake::calls().empty()) << "said once, taken back once";
        }
    }
}

TEST_P(FaultyPool, UndoesAdviceOfVectors) {
    for (const Advice advice : enumerators::every<Advice>) {
        PagePool pool;
        {
            PagedVec<std::uint8_t> vec(pool);
            vec.resize(4 * page());
            vec.advise(advice, page(), page());
            fake::forget_calls();
        }
        ASSERT_EQ(fake::calls().size(), stays_with_memory(advice) ? 1U : 0U);
        if (stays_with_memory(advice)) {
            EXPECT_EQ(fake::calls()[0].verb, Verb::advise);
            EXPECT_EQ(fake::calls()[0].advice, Advice::normal);
            EXPECT_EQ(fake::calls()[0].bytes, pool.statistics().idle_bytes);
        }
    }
}

TEST_P(FaultyPool, FreesPagesWhenAdviceCannotBeUndone) {
    PagePool pool;
    {
        const Pooled pages = take(pool);
        pages.advise(Advice::random);
        fake::fail({.verb = Verb::advise});
    }
    EXPECT_EQ(fake::stop_failing(), Verb::advise);
    EXPECT_EQ(fake::areas_left(), 0U);
    EXPECT_EQ(pool.statistics().total_bytes, 0U);
}

// Pitfall: pool-advice
TEST_P(FaultyPool, RequestsHugePagesAgainAfterAVectorChangedThem) {
    constexpr std::size_t huge = std::size_t{2} << 20;
    fake::machine().huge_page_size = huge;
    const auto leave = [&](PagePool& pool, std::optional<HugePages> told) {
        PagedVec<std::uint8_t> vec(pool);
        vec.resize(4 * huge);
        if (told) {
            vec.set_huge_pages(*told);
        }
        fake::forget_calls();
    };
    for (const HugePages of_pool : {HugePages::never, HugePages::prefer}) {
        for (const HugePages of_vector : {HugePages::never, HugePages::prefer, HugePages::system}) {
            PagePool pool({.huge_pages = of_pool});
            leave(pool, {});
            EXPECT_TRUE(fake::calls().empty());
            leave(pool, of_vector);
            const auto told = asked(Verb::set_huge_pages);
            ASSERT_EQ(told.size(), of_vector == of_pool ? 0U : 1U);
            if (!told.empty()) {
                EXPECT_EQ(told[0].policy, of_pool);
                EXPECT_EQ(told[0].bytes, pool.statistics().idle_bytes);
            }
            EXPECT_NE(pool.statistics().idle_bytes, 0U);
        }
    }
}

TEST_P(FaultyPool, FreesPagesWhenHugePageAdviceCannotBeUndone) {
    constexpr std::size_t huge = std::size_t{2} << 20;
    fake::machine().huge_page_size = huge;
    const auto leave = [&](PagePool& pool, HugePages told) {
        PagedVec<std::uint8_t> vec(pool);
        vec.resize(4 * huge);
        vec.set_huge_pages(told);
    };
    PagePool silent({.huge_pages = HugePages::system});
    leave(silent, HugePages::system);
    EXPECT_NE(silent.statistics().idle_bytes, 0U);
    leave(silent, HugePages::never);
    EXPECT_EQ(silent.statistics().total_bytes, 0U) << "no wish can be taken back";
    PagePool pool({.huge_pages = HugePages::prefer});
    {
        PagedVec<std::uint8_t> vec(pool);
        vec.resize(4 * huge);
        vec.set_huge_pages(HugePages::never);
        fake::fail({.verb = Verb::set_huge_pages});
    }
    EXPECT_EQ(fake::stop_failing(), Verb::set_huge_pages);
    EXPECT_EQ(pool.statistics().total_bytes, 0U);
    fake::machine().huge_page_size = 0;
    leave(silent, HugePages::never);
    EXPECT_NE(silent.statistics().idle_bytes, 0U) << "where there are none, nothing has changed";
}

TEST_P(FaultyPool, MakesNoSystemCallForIdlePages) {
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

TEST_P(FaultyPool, NeverGivesPagesOfUnknownAccess) {
    for (const std::size_t times : {1U, 2U, 3U, 4U}) {
        PagePool pool;
        {
            fake::fail({.verb = Verb::protect,
                        .error = PageError::map_count_limit,
                        .is_halfway = true,
                        .times = times});
            auto frozen = take(pool).try_deny_write();
            ASSERT_FALSE(frozen);
            EXPECT_EQ(frozen.error().error == PageError::permissions_lost, times != 1);
        }
        fake::stop_failing();
        const Pooled pages = take(pool, Contents::indeterminate);
        EXPECT_TRUE(fake::is_all(pages.data(), pages.size(), Access::read_write));
        EXPECT_EQ(pool.statistics().fresh, times == 4 ? 2U : 1U);
    }
}

TEST_P(FaultyPool, ReportsTheErrorWhateverHappensToTheBlock) {
    PagePool pool;
    fake::fail({.verb = Verb::protect, .error = fake::refusal, .is_halfway = true, .times = 2});
    const auto pages = pool.try_take<AllowRead, DenyWrite, DenyExec>(bytes(), Contents::zero);
    fake::stop_failing();
    ASSERT_FALSE(pages);
    EXPECT_EQ(pages.error(), fake::refusal);
    EXPECT_EQ(fake::areas_left(), 0U);
}

TEST_P(FaultyPool, MapsAndFreesAPieceByOneCallEach) {
    PagePool pool({.huge_pages = HugePages::system});
    fake::forget_calls();
    (void)take(pool);
    EXPECT_EQ(fake::calls().size(), 1U);
    pool.clear();
    EXPECT_EQ(fake::calls().size(), 2U);
}

TEST_P(FaultyPool, WorksWithoutThreadStorage) {
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

TEST_P(FaultyPool, ClearsPagesRequestedAsZero) {
    PagePool pool;
    std::ranges::fill(take(pool), 7);
    EXPECT_TRUE(reads(take(pool), 0));
    EXPECT_EQ(fake::count_of(Verb::clear), 1U);
}

TEST_P(FaultyPool, ZeroesDecommittedPages) {
    const auto pool = impatient();
    std::ranges::fill(take(*pool), 7);
    pool->trim();
    EXPECT_EQ(fake::count_of(Verb::decommit_all), 1U);
    EXPECT_TRUE(reads(take(*pool), 0));
    EXPECT_EQ(fake::count_of(Verb::zero), 1U);
}

TEST_P(FaultyPool, ReplacesPagesThatCannotBeZeroed) {
    const auto pool = impatient();
    std::ranges::fill(take(*pool), 7);
    pool->trim();
    fake::fail({.verb = Verb::zero});
    EXPECT_TRUE(reads(take(*pool), 0));
    EXPECT_EQ(fake::stop_failing(), Verb::zero);
    EXPECT_EQ(pool->statistics().fresh, 2U);
    EXPECT_EQ(fake::areas_left(), 1U);
}

TEST_P(FaultyPool, ChecksPagesThatMayBeLost) {
    const auto lose = [](Verb verb, auto act) {
        PagePool pool;
        {
            Pooled pages = take(pool);
            fake::fail({.verb = verb});
            EXPECT_FALSE(act(pages));
            EXPECT_EQ(fake::stop_failing(), verb);
            fake::fail({.verb = Verb::protect});  // As Windows does for uncommitted pages.
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

TEST_P(FaultyPool, IsUnchangedWhenNewPagesAreRefused) {
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

// Pitfall: pool-hoards
TEST_P(FaultyPool, FreesIdlePagesAndRetries) {
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

// Pitfall: pool-permissions
TEST_P(FaultyPool, KeepsPagesThatCannotBecomeWritable) {
    PagePool pool;
    {
        auto frozen = take(pool).deny_write();
        fake::fail({.verb = Verb::protect});
    }
    EXPECT_EQ(fake::stop_failing(), Verb::protect);
    EXPECT_EQ(fake::areas_left(), 0U);
    EXPECT_EQ(pool.statistics().total_bytes, 0U);
}

TEST_P(FaultyPool, UnmapsPagesThatCannotBeDecommitted) {
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

TEST_P(FaultyPool, SkipsPagesWhosePermissionsCannotChange) {
    PagePool pool;
    Pooled pages = take(pool);
    pages[1] = 5;
    fake::fail({.verb = Verb::protect});
    auto refused = std::move(pages).try_deny_write();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().pages[1], 5);
}

TEST_P(FaultyPool, GivesAVectorNothingOrEnough) {
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

TEST_P(FaultyPool, KeepsOnlyTheTargetOfAVectorMove) {
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

TEST_P(FaultyPool, KeepsTheTargetOfAnElementwiseMove) {
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

/// Not relocatable.
struct Placed {
    Placed(std::uint32_t number) : value(number) {}  // NOLINT
    Placed(Placed&& other) noexcept : value(other.value) {}
    Placed& operator=(Placed&&) = delete;
    ~Placed() = default;

    std::uint32_t value;
};

TEST_P(FaultyPool, FreesIdleMemoryForAVectorThatNeedsAddressSpace) {
    const auto expect_outgrown = [](auto run_short) {
        PagePool pool;
        fake::machine().address_space = fake::bytes_of_address_space() + 4 * page();
        PagedVec<Placed> vec(pool);
        fake::machine().address_space = fake::Machine::plenty;
        std::uint32_t count = 0;
        do {
            vec.emplace_back(count++);
        } while (vec.size() < vec.stable_capacity());
        {
            const auto idle = pool.take<AllowRead, AllowWrite, DenyExec>(64 * page());
        }
        EXPECT_GE(pool.statistics().idle_bytes, 64 * page());
        run_short();
        EXPECT_TRUE(vec.try_push_back(Placed(count)));
        EXPECT_EQ(vec.size(), count + 1);
        EXPECT_EQ(vec.front().value, 0U);
        EXPECT_EQ(vec.back().value, count);
        EXPECT_EQ(pool.statistics().idle_bytes, 0U);
        fake::machine().memory = fake::Machine::plenty;
        fake::machine().address_space = fake::Machine::plenty;
    };
    expect_outgrown([] { fake::machine().memory = fake::bytes_charged() + page(); });
    expect_outgrown(
        [] { fake::machine().address_space = fake::bytes_of_address_space() + page(); });
}

TEST_P(FaultyPool, FreesIdleMemoryForAVectorThatGrows) {
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
