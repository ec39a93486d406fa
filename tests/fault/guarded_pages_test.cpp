// SPDX-License-Identifier: MIT
// Guards on all kinds of systems, with and without markers, and when the system refuses.

#include "machines.hpp"
#include "support/fails.hpp"
#include "support/fragile.hpp"

#include <memory_pages/exec.hpp>
#include <memory_pages/guarded.hpp>
#include <memory_pages/guarded_pages.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <system_error>
#include <utility>
#include <vector>

namespace {

using namespace memory_pages;
using fake::Access;
using fake::Verb;

using ReadWrite = GuardedPages<AllowRead, AllowWrite, DenyExec>;
using ReadOnly = GuardedPages<AllowRead, DenyWrite, DenyExec>;

class FaultyGuards : public fake::EveryMachine {
protected:
    static constexpr std::size_t count = 6;
    static constexpr std::uint8_t sample = 7;

    static std::error_code error_of(const auto& result) {
        return result ? std::error_code() : result.error();
    }

    /// Pages with guards at these pages.
    static ReadWrite with_guards(std::initializer_list<std::size_t> guards) {
        ReadWrite pages(count * page());
        std::ranges::fill(pages, sample);
        for (const std::size_t i : guards) {
            pages.guard(i * page(), page());
        }
        fake::forget_calls();
        return pages;
    }

    static bool is_fake_guard(const void* there) {
        return GetParam().has_guard_markers ? fake::is_marked(there) : !fake::access_at(there);
    }

    /// Expects guards at exactly these pages, and this access for all others.
    static void expect_guards(const auto& pages, std::initializer_list<std::size_t> guards,
                              Access access = Access::read_write) {
        ASSERT_EQ(pages.size(), count * page());
        for (std::size_t i = 0; i < count; ++i) {
            const std::uint8_t* const there = pages.begin() + i * page();
            const bool is_guard = std::ranges::find(guards, i) != guards.end();
            EXPECT_EQ(pages.is_guarded(i * page()), is_guard) << i;
            EXPECT_EQ(is_fake_guard(there), is_guard) << i;
            EXPECT_EQ(fake::access_at(there), is_guard && !GetParam().has_guard_markers
                                                  ? std::nullopt
                                                  : std::optional(access))
                << i;
        }
    }

    static void expect_contents(const auto& pages, std::initializer_list<std::size_t> kept) {
        for (const std::size_t i : kept) {
            EXPECT_EQ(pages[i * page()], sample);
            EXPECT_EQ(pages[(i + 1) * page() - 1], sample);
        }
    }
};

INSTANTIATE_TEST_SUITE_P(, FaultyGuards, testing::ValuesIn(fake::every_machine),
                         fake::name_of_machine);

// -- around ---------------------------------------------------------------------------------------

// Pitfall: guard-range-foreign
TEST_P(FaultyGuards, AreNeverCommitted) {
    const ReadWrite pages(page(), {.before = 3 * page(), .after = page() + 1});
    EXPECT_EQ(fake::calls().size(), 2U) << "address space, and memory in the middle";
    EXPECT_EQ(fake::bytes_of_address_space(), 6 * page());
    EXPECT_EQ(fake::bytes_charged(), page());
    EXPECT_EQ(fake::access_at(pages.data() - 1), std::nullopt);
    EXPECT_EQ(fake::access_at(pages.data() + page()), std::nullopt);
    EXPECT_EQ(fake::access_at(pages.data()), Access::read_write);
}

TEST_P(FaultyGuards, LeaveNothingMappedWhenTheirPagesAreRefused) {
    const std::size_t calls = fake::refuse_each_call(
        [] { return 0; }, [](int) { return error_of(ReadWrite::try_new(1)); },
        [](int, std::error_code error) {
            EXPECT_EQ(error, error ? fake::refusal : error);
            EXPECT_EQ(fake::areas_left(), 0U);
        });
    EXPECT_EQ(calls, 2U);
    fake::fail({.verb = Verb::commit, .error = PageError::commit_limit});
    EXPECT_FAILS(ReadWrite(1), PageError::commit_limit);
    fake::stop_failing();
}

TEST_P(FaultyGuards, MakeNoSystemCallForABadArgument) {
    EXPECT_EQ(ReadWrite::try_new(0).error(), std::errc::invalid_argument);
    EXPECT_EQ(ReadWrite::try_new(SIZE_MAX).error(), std::errc::not_enough_memory);
    EXPECT_EQ(ReadWrite::try_new(1, {.before = SIZE_MAX}).error(), std::errc::not_enough_memory);
    EXPECT_EQ(ReadWrite::try_new(1, {.after = SIZE_MAX - page()}).error(),
              std::errc::not_enough_memory);
    EXPECT_TRUE(fake::calls().empty());
    ReadWrite pages = with_guards({1});
    EXPECT_EQ(error_of(pages.try_guard(1, page())), std::errc::invalid_argument);
    EXPECT_EQ(error_of(pages.try_unguard(page(), 1)), std::errc::invalid_argument);
    EXPECT_EQ(error_of(pages.try_guard(page(), count * page())), std::errc::invalid_argument);
    EXPECT_TRUE(pages.try_guard(page(), page())) << "one already";
    EXPECT_TRUE(pages.try_unguard(2 * page(), page())) << "none at all";
    EXPECT_TRUE(pages.try_guard(page(), 0));
    EXPECT_TRUE(fake::calls().empty());
}

// -- inside ---------------------------------------------------------------------------------------

// Pitfall: guard-keeps-memory
TEST_P(FaultyGuards, CostOneCallEach) {
    ReadWrite pages = with_guards({});
    pages.guard(page(), 2 * page());
    EXPECT_EQ(fake::count_of(Verb::guard), 1U);
    pages.unguard(page(), 2 * page());
    EXPECT_EQ(fake::count_of(Verb::unguard), 1U);
    EXPECT_EQ(fake::calls().size(), 2U);
    expect_guards(pages, {});
    expect_contents(pages, {0, 3, 4, 5});
    EXPECT_EQ(pages[page()], 0xA5) << "indeterminate";
}

TEST_P(FaultyGuards, AreMadeAllOrNone) {
    const std::size_t calls = fake::refuse_each_call(
        [] { return with_guards({1, 3}); },
        [](ReadWrite& pages) { return error_of(pages.try_guard(0, 5 * page())); },
        [](ReadWrite& pages, std::error_code error) {
            if (error) {
                expect_guards(pages, {1, 3});
            } else {
                expect_guards(pages, {0, 1, 2, 3, 4});
            }
            expect_contents(pages, {5});
        });
    EXPECT_EQ(calls, 3U);
}

TEST_P(FaultyGuards, KeepContentsAtTheLimitOnMappings) {
    ReadWrite pages = with_guards({});
    fake::fail({.verb = Verb::guard, .error = PageError::map_count_limit});
    EXPECT_FAILS(pages.guard(page(), 2 * page()), PageError::map_count_limit);
    fake::stop_failing();
    expect_guards(pages, {});
    expect_contents(pages, {0, 1, 2, 3, 4, 5});
}

TEST_P(FaultyGuards, AreRemovedAllOrNone) {
    const std::size_t calls = fake::refuse_each_call(
        [] { return with_guards({0, 2, 3, 5}); },
        [](ReadWrite& pages) { return error_of(pages.try_unguard(0, count * page())); },
        [](ReadWrite& pages, std::error_code error) {
            if (error) {
                expect_guards(pages, {0, 2, 3, 5});
            } else {
                expect_guards(pages, {});
            }
            expect_contents(pages, {1, 4});
        });
    EXPECT_EQ(calls, 3U);
    ReadWrite pages = with_guards({1});
    fake::fail({.verb = Verb::unguard, .error = PageError::commit_limit});
    EXPECT_FAILS(pages.unguard(page(), page()), PageError::commit_limit);
    fake::stop_failing();
    expect_guards(pages, {1});
}

TEST_P(FaultyGuards, AreRefusedWithoutTrackingMemory) {
    std::size_t nth = 1;
    for (;; ++nth) {
        ReadWrite pages = with_guards({});
        fake::fail_allocation(nth);
        const std::error_code error = error_of(pages.try_guard(page(), page()));
        const bool is_refused = fake::stop_failing_allocation();
        expect_contents(pages, {0, 2, 3, 4, 5});
        if (!is_refused) {
            EXPECT_FALSE(error);
            expect_guards(pages, {1});
            break;
        }
        EXPECT_EQ(error, std::errc::not_enough_memory);
        EXPECT_TRUE(fake::calls().empty());
        expect_guards(pages, {});
        expect_contents(pages, {1});
        pages.guard(page(), page());
        expect_guards(pages, {1});
    }
    EXPECT_EQ(nth, 2U);
}

// -- with everything else -------------------------------------------------------------------------

// Pitfall: protect-removes-guards
TEST_P(FaultyGuards, StayWhenPermissionsChangeOrCannot) {
    for (const bool is_halfway : {false, true}) {
        const std::size_t calls =
            fake::refuse_each_call([] { return std::pair(with_guards({1, 3}), ReadOnly(1)); },
                                   [](auto& both) -> std::error_code {
                                       auto frozen = std::move(both.first).try_deny_write();
                                       if (!frozen) {
                                           both.first = std::move(frozen.error().pages);
                                           return frozen.error().error;
                                       }
                                       both.second = std::move(*frozen);
                                       return {};
                                   },
                                   [](auto& both, std::error_code error) {
                                       if (error) {
                                           expect_guards(both.first, {1, 3}, Access::read_write);
                                           return expect_contents(both.first, {0, 2, 4, 5});
                                       }
                                       expect_guards(both.second, {1, 3}, Access::read);
                                       expect_contents(both.second, {0, 2, 4, 5});
                                       auto thawed = std::move(both.second).allow_write();
                                       thawed.unguard(0, count * page());
                                       expect_guards(thawed, {}, Access::read_write);
                                   },
                                   {.is_halfway = is_halfway});
        EXPECT_EQ(calls, GetParam().has_guard_markers ? 1U : 3U);
    }
}

// Pitfall: flush-over-guard
TEST_P(FaultyGuards, AreNotFlushedWhenPagesBecomeExecutable) {
    using Code = GuardedPages<AllowRead, DenyWrite, AllowExec>;
    for (const bool is_halfway : {false, true}) {
        const std::size_t calls =
            fake::refuse_each_call([] { return std::pair(with_guards({1, 3}), Code(1)); },
                                   [](auto& both) -> std::error_code {
                                       auto code = std::move(both.first).try_set_protected_exec();
                                       if (!code) {
                                           both.first = std::move(code.error().pages);
                                           return code.error().error;
                                       }
                                       both.second = std::move(*code);
                                       return {};
                                   },
                                   [](auto& both, std::error_code error) {
                                       if (error) {
                                           expect_guards(both.first, {1, 3}, Access::read_write);
                                           return expect_contents(both.first, {0, 2, 4, 5});
                                       }
                                       expect_guards(both.second, {1, 3}, Access::read_exec);
                                       expect_contents(both.second, {0, 2, 4, 5});
                                       EXPECT_EQ(fake::count_of(Verb::make_executable), 3U);
                                       auto thawed = std::move(both.second).allow_write_no_exec();
                                       thawed.unguard(0, count * page());
                                       expect_guards(thawed, {}, Access::read_write);
                                   },
                                   {.is_halfway = is_halfway});
        EXPECT_EQ(calls, GetParam().has_guard_markers ? 4U : 3U);
    }
}

TEST_P(FaultyGuards, StayWhenPermissionsAreLost) {
    using Code = GuardedPages<AllowRead, DenyWrite, AllowExec>;
    for (std::size_t times = 1; times <= 5; ++times) {
        ReadWrite pages = with_guards({1, 3});
        fake::fail({.nth = 2, .error = fake::refusal, .is_halfway = true, .times = times});
        auto refused = std::move(pages).try_set_protected_exec();
        EXPECT_TRUE(fake::stop_failing());
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().error == PageError::permissions_lost, times > 1);
        pages = std::move(refused.error().pages).allow_write();
        expect_guards(pages, {1, 3}, Access::read_write);
        expect_contents(pages, {0, 2, 4, 5});
        const Code code = std::move(pages).set_protected_exec();
        expect_guards(code, {1, 3}, Access::read_exec);
    }
}

TEST_P(FaultyGuards, StayWhenPagesBeforeThemLosePermissions) {
    // Without markers, this refuses the second part as a whole, its undoing, and that of the first.
    ReadWrite pages = with_guards({1, 3});
    fake::fail({.nth = GetParam().has_guard_markers ? 1U : 2U,
                .verb = Verb::protect,
                .error = fake::refusal,
                .is_halfway = GetParam().has_guard_markers,
                .times = 3});
    auto frozen = std::move(pages).try_deny_write();
    fake::stop_failing();
    ASSERT_FALSE(frozen);
    EXPECT_EQ(frozen.error().error, PageError::permissions_lost);
    pages = std::move(frozen.error().pages).allow_write();
    expect_guards(pages, {1, 3}, Access::read_write);
    expect_contents(pages, {0, 2, 4, 5});
}

TEST_P(FaultyGuards, AreTrackedExactlyWhenUndoIsRefused) {
    const fake::Failure twice{.nth = 2, .error = fake::refusal, .times = 2};
    ReadWrite pages = with_guards({2});
    fake::fail(twice);
    EXPECT_EQ(error_of(pages.try_guard(0, 5 * page())), fake::refusal);
    fake::stop_failing();
    expect_guards(pages, {0, 1, 2});
    pages.unguard(1 * page(), page());
    fake::fail(twice);
    EXPECT_EQ(error_of(pages.try_unguard(0, count * page())), fake::refusal);
    fake::stop_failing();
    expect_guards(pages, {2});
    expect_contents(pages, {5});
}

// Pitfall: verb-over-guard
TEST_P(FaultyGuards, AreExcludedFromHintsAndGivingBack) {
    using Do = std::function<std::error_code(ReadWrite&)>;
    constexpr std::size_t parts = 3;
    const std::size_t whole = GetParam().has_guard_markers ? 1 : parts;
    const std::array ranges = {ByteRange{0, 2 * page()}, ByteRange{2 * page(), 4 * page()}};
    const std::vector<std::pair<std::size_t, Do>> verbs = {
        {whole, [](ReadWrite& p) { return error_of(p.try_decommit()); }},
        {whole, [](ReadWrite& p) { return error_of(p.try_discard()); }},
        {whole, [](ReadWrite& p) { return error_of(p.try_advise(Advice::random)); }},
        {whole, [&](ReadWrite& p) { return error_of(p.try_decommit(ranges)); }},
        {whole, [&](ReadWrite& p) { return error_of(p.try_discard(ranges)); }},
        {whole, [&](ReadWrite& p) { return error_of(p.try_advise(Advice::random, ranges)); }},
        {parts, [](ReadWrite& p) { return error_of(p.try_zero()); }},
        {parts, [](ReadWrite& p) { return error_of(p.try_populate()); }},
    };
    for (const auto& [calls_wanted, verb] : verbs) {
        const std::size_t calls = fake::refuse_each_call(
            [] { return with_guards({1, 3}); }, verb,
            [](ReadWrite& pages, std::error_code) { expect_guards(pages, {1, 3}); });
        EXPECT_EQ(calls, calls_wanted);
    }
    ReadWrite pages = with_guards({1, 3});
    pages.zero();
    for (const std::size_t i : {0U, 2U, 4U, 5U}) {
        EXPECT_EQ(pages[i * page()], 0);
    }
}

TEST_P(FaultyGuards, AreUnmappedOnceWithTheirPages) {
    ReadWrite first = with_guards({1});
    ReadWrite second = with_guards({2});
    swap(first, second);
    expect_guards(first, {2});
    expect_guards(second, {1});
    first = std::move(second);
    expect_guards(first, {1});
    EXPECT_EQ(fake::areas_left(), 1U);
    EXPECT_EQ(second.size(), 0U);  // NOLINT: a promise
}

// -- objects --------------------------------------------------------------------------------------

using Fragile = fragile::Element<fragile::Moves::throw_too>;

TEST_P(FaultyGuards, AreUnmappedWhenAConstructorThrows) {
    (void)fragile::breaks(1, [] { const Guarded<Fragile> object(1); });
    (void)fragile::breaks(1, [] { (void)Guarded<Fragile>::try_new(1); });
    (void)fragile::breaks(2, [] { const GuardedArray<Fragile> objects(3); });
    (void)fragile::breaks(2, [] { (void)GuardedArray<Fragile>::try_new(3); });
    EXPECT_EQ(fake::areas_left(), 0U);
}

TEST_P(FaultyGuards, ConstructNoObjectWhenRefused) {
    for (const Verb verb : {Verb::reserve, Verb::commit}) {
        const auto refuse = [verb] {
            fake::fail({.verb = verb, .error = PageError::address_space_limit});
        };
        refuse();
        EXPECT_FAILS(Guarded<Fragile>(1), PageError::address_space_limit);
        refuse();
        EXPECT_EQ(error_of(Guarded<Fragile>::try_new(1)), PageError::address_space_limit);
        refuse();
        EXPECT_FAILS(GuardedArray<Fragile>(1), PageError::address_space_limit);
        refuse();
        EXPECT_EQ(error_of(GuardedArray<Fragile>::try_new(1)), PageError::address_space_limit);
        fake::stop_failing();
        EXPECT_TRUE(fragile::living().empty());
        EXPECT_EQ(fake::areas_left(), 0U);
    }
}

TEST_P(FaultyGuards, FollowObjectsDirectly) {
    const Guarded<int> object(7);
    EXPECT_EQ(fake::access_at(object.get()), Access::read_write);
    EXPECT_EQ(fake::access_at(object.get() + 1), std::nullopt);
    const GuardedArray<int> none(0);
    EXPECT_EQ(fake::access_at(none.data()), std::nullopt);
    EXPECT_EQ(fake::bytes_charged(), 2 * page());
}

}  // namespace
