// SPDX-License-Identifier: MIT
// Pages on all kinds of systems when the system refuses.

#include "machines.hpp"
#include "support/fails.hpp"

#include <memory_pages/exec.hpp>
#include <memory_pages/page_size.hpp>
#include <memory_pages/pages.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <system_error>
#include <utility>
#include <vector>

namespace {

using namespace memory_pages;
using fake::Access;
using fake::Verb;

using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;
using ReadOnly = Pages<AllowRead, DenyWrite, DenyExec>;
using WriteOnly = Pages<DenyRead, AllowWrite, DenyExec>;
using Code = Pages<AllowRead, DenyWrite, AllowExec>;
using NoAccess = Pages<DenyRead, DenyWrite, DenyExec>;

class FaultyPages : public fake::EveryMachine {
protected:
    static constexpr std::size_t count = 3;

    /// A pattern that identifies the byte and its page.
    static std::uint8_t expected_at(std::size_t i) {
        return static_cast<std::uint8_t>(1 + i / page() * 7 + i % 251 % 5);
    }

    template <class P>
    static P filled(const PageOptions& options = {}) {
        P pages(count * page(), options);
        for (std::size_t i = 0; i < pages.size(); ++i) {
            *pages.get_ptr_mut(i) = expected_at(i);
        }
        return pages;
    }

    /// Whether the first `bytes` bytes are those of `filled`.
    template <class P>
    static bool keeps(P& pages, std::size_t bytes) {
        const std::uint8_t* const first = pages.get_ptr_mut();
        for (std::size_t i = 0; i < bytes; ++i) {
            if (first[i] != expected_at(i)) {
                return false;
            }
        }
        return true;
    }

    template <class P>
    static void expect_untouched(P& pages, Access access) {
        EXPECT_EQ(pages.size(), count * page());
        EXPECT_TRUE(fake::is_all(pages.get_ptr_mut(), pages.size(), access));
        EXPECT_TRUE(keeps(pages, pages.size()));
    }

    static std::error_code error_of(const auto& result) {
        return result ? std::error_code() : result.error();
    }
};

INSTANTIATE_TEST_SUITE_P(, FaultyPages, testing::ValuesIn(fake::every_machine),
                         fake::name_of_machine);

// -- making them ----------------------------------------------------------------------------------

// Pitfall: refusal-leaks
TEST_P(FaultyPages, LeaveNothingMappedWhenRefused) {
    const auto nothing = [] { return 0; };
    for (const PageOptions options :
         {PageOptions{}, PageOptions{.alignment = 1U << 21U}, PageOptions{.populate = true}}) {
        const std::size_t calls = fake::refuse_each_call(
            nothing, [&](int) { return error_of(ReadWrite::try_new(1, options)); },
            [](int, std::error_code error) { EXPECT_EQ(error, error ? fake::refusal : error); });
        EXPECT_EQ(calls, options.populate ? 2U : 1U);
        EXPECT_EQ(fake::areas_left(), 0U);
    }
}

TEST_P(FaultyPages, LeaveNothingReservedWhenRefusedAtAPlace) {
    const ReadWrite there(page());
    const std::size_t areas = fake::areas_left();
    for (const Placement& place :
         {Placement{.near_to = there.data()},
          Placement{.near_to = there.data(), .reach = std::size_t{1} << 40}}) {
        const std::size_t calls = fake::refuse_each_call(
            [] { return 0; },
            [&](int) { return error_of(ReadWrite::try_new(page(), {.populate = true}, place)); },
            [&](int, std::error_code) {
                EXPECT_EQ(fake::areas_left(), areas);
                EXPECT_EQ(fake::walks_left(), 0U);
            });
        EXPECT_GE(calls, 4U);  // reserve_at twice, a walk, commit, populate
    }
}

TEST_P(FaultyPages, AreTakenFromTheirReservationWhenPlaced) {
    const ReadWrite there(page());
    fake::forget_calls();
    {
        const ReadWrite pages(3 * page(), {.huge_pages = HugePages::never},
                              {.near_to = there.data()});
        EXPECT_TRUE(fake::is_all(pages.data(), pages.size(), Access::read_write));
        EXPECT_EQ(fake::count_of(Verb::set_huge_pages), 1U);
    }
    EXPECT_EQ(fake::calls().back().verb, Verb::unmap);
    EXPECT_EQ(fake::count_of(Verb::release), 0U);
    EXPECT_EQ(fake::areas_left(), 1U);
}

TEST_P(FaultyPages, ThrowTheErrorOfTheSystem) {
    fake::fail({.error = PageError::lock_limit});
    EXPECT_FAILS(ReadWrite(1), PageError::lock_limit);
    fake::stop_failing();
    fake::fail({.verb = Verb::populate, .error = PageError::commit_limit});
    EXPECT_FAILS(ReadWrite(1, {.populate = true}), PageError::commit_limit);
    fake::stop_failing();
}

// Pitfall: size-overflow
TEST_P(FaultyPages, MakeNoSystemCallForABadArgument) {
    EXPECT_EQ(ReadWrite::try_new(0).error(), std::errc::invalid_argument);
    EXPECT_EQ(ReadWrite::try_new(1, {.alignment = 3}).error(), std::errc::invalid_argument);
    EXPECT_EQ(ReadWrite::try_new(SIZE_MAX).error(), std::errc::not_enough_memory);
    EXPECT_EQ(ReadWrite::try_new(SIZE_MAX - page() + 2).error(), std::errc::not_enough_memory);
    EXPECT_TRUE(fake::calls().empty());
}

// Pitfall: page-arithmetic
TEST_P(FaultyPages, AreRoundedUpToPagesOfTheSystem) {
    for (const std::size_t bytes : {std::size_t{1}, page() - 1, page()}) {
        EXPECT_EQ(ReadWrite(bytes).size(), page());
    }
    EXPECT_EQ(ReadWrite(page() + 1).size(), 2 * page());
    EXPECT_EQ(allocation_granularity(), GetParam().granularity);
}

TEST_P(FaultyPages, AreAlignedAsRequested) {
    for (std::size_t alignment = 1; alignment <= (1U << 22U); alignment *= 2) {
        const ReadWrite pages(1, {.alignment = alignment});
        EXPECT_EQ(reinterpret_cast<std::uintptr_t>(pages.data()) %
                      std::max(alignment, allocation_granularity()),
                  0U);
    }
}

TEST_P(FaultyPages, AreChargedUnlessUnchargedIsRequested) {
    const ReadWrite charged(page());
    EXPECT_EQ(fake::bytes_charged(), page());
    const ReadWrite uncharged(page(), {.uncharged = true});
    EXPECT_EQ(fake::bytes_charged(), page());
}

// Pitfall: assignment-leaks
TEST_P(FaultyPages, AreUnmappedOnceByTheirLastOwner) {
    ReadWrite first(page());
    ReadWrite second(std::move(first));
    first = ReadWrite(2 * page());
    swap(first, second);
    second = std::move(first);
    EXPECT_EQ(fake::areas_left(), 1U);
    auto raw = std::move(second).release();
    EXPECT_EQ(fake::areas_left(), 1U);
    const ReadWrite adopted = ReadWrite::adopt(std::move(raw));
    EXPECT_EQ(adopted.size(), page());
}

// -- permissions ----------------------------------------------------------------------------------

TEST_P(FaultyPages, AreReturnedWholeWhenAChangeIsRefused) {
    for (const bool is_halfway : {false, true}) {
        fake::fail({.verb = Verb::protect, .error = fake::refusal, .is_halfway = is_halfway});
        auto frozen = filled<ReadWrite>().try_deny_write();
        ASSERT_FALSE(frozen);
        EXPECT_EQ(frozen.error().error, fake::refusal);
        expect_untouched(frozen.error().pages, Access::read_write);
    }
}

// Pitfall: half-protect
TEST_P(FaultyPages, AreUnchangedWhenAChangeThrows) {
    ReadWrite pages = filled<ReadWrite>();
    fake::fail({.verb = Verb::protect, .error = PageError::map_count_limit, .is_halfway = true});
    EXPECT_FAILS(std::move(pages).deny_read(), PageError::map_count_limit);
    fake::stop_failing();
    expect_untouched(pages, Access::read_write);
}

TEST_P(FaultyPages, LoseAndRegainTheirAccess) {
    ReadWrite pages = filled<ReadWrite>();
    const std::uint8_t* const base = pages.data();
    NoAccess sealed = std::move(pages).deny_write().deny_read();
    EXPECT_TRUE(fake::is_all(base, sealed.size(), Access::none));
    ReadWrite opened = std::move(sealed).allow_write().allow_read();
    expect_untouched(opened, Access::read_write);
}

/// Two refusals in a row: the change stops half way, and undoing it is refused too.
void refuse_twice(Verb verb) {
    fake::fail({.verb = verb, .error = PageError::map_count_limit, .is_halfway = true, .times = 2});
}

TEST_P(FaultyPages, ReportLostPermissionsWhenUndoIsRefused) {
    refuse_twice(Verb::protect);
    auto frozen = filled<ReadWrite>().try_deny_write();
    ASSERT_FALSE(frozen);
    EXPECT_EQ(frozen.error().error, PageError::permissions_lost);
    EXPECT_EQ(frozen.error().error, std::errc::state_not_recoverable);
    fake::stop_failing();
    ReadWrite pages = std::move(frozen.error().pages).allow_write();
    expect_untouched(pages, Access::read_write);
    refuse_twice(Verb::protect);
    EXPECT_FAILS(std::move(pages).deny_read(), PageError::permissions_lost);
    fake::stop_failing();
    pages = std::move(pages).allow_read();
    expect_untouched(pages, Access::read_write);
}

TEST_P(FaultyPages, AllowAtMostTheirTypeWhenPermissionsAreLost) {
    Code code = filled<ReadWrite>().set_protected_exec();
    const std::uint8_t* const base = code.data();
    refuse_twice(Verb::protect);
    auto thawed = std::move(code).try_allow_write_no_exec();
    ASSERT_FALSE(thawed);
    EXPECT_EQ(thawed.error().error, PageError::permissions_lost);
    fake::stop_failing();
    EXPECT_TRUE(fake::is_all(base, count * page(), Access::read)) << "what both may do";
    code = std::move(thawed.error().pages).set_protected_exec();
    EXPECT_TRUE(fake::is_all(base, code.size(), Access::read_exec));
}

TEST_P(FaultyPages, RegainLostPermissionsByAnyChange) {
    refuse_twice(Verb::protect);
    auto sealed = filled<ReadWrite>().try_deny_read();
    ASSERT_FALSE(sealed);
    fake::stop_failing();
    // The fake system checks that `from` is the pages' access.
    const Code code = std::move(sealed.error().pages).set_protected_exec();
    EXPECT_TRUE(fake::is_all(code.data(), code.size(), Access::read_exec));
    EXPECT_EQ(fake::count_of(Verb::make_executable), 1U);
}

TEST_P(FaultyPages, CanBeReleasedWithLostPermissions) {
    refuse_twice(Verb::protect);
    auto frozen = filled<ReadWrite>().try_deny_write();
    ASSERT_FALSE(frozen);
    fake::stop_failing();
    auto raw = std::move(frozen.error().pages).release();
    ReadWrite pages = ReadWrite::adopt(std::move(raw)).allow_write();
    expect_untouched(pages, Access::read_write);
    refuse_twice(Verb::protect);
    EXPECT_FALSE(std::move(pages).try_deny_write());
    fake::stop_failing();
}

TEST_P(FaultyPages, LoseNoPermissionsWhenTheWholeCallIsRefused) {
    fake::fail({.verb = Verb::protect, .error = fake::refusal, .times = 2});
    auto frozen = filled<ReadWrite>().try_deny_write();
    fake::stop_failing();
    ASSERT_FALSE(frozen);
    EXPECT_EQ(frozen.error().error, fake::refusal);
    expect_untouched(frozen.error().pages, Access::read_write);
    EXPECT_EQ(fake::walks_left(), 0U);
}

TEST_P(FaultyPages, ReportLostPermissionsWhenTheSystemIsSilent) {
    for (const std::size_t times : {3U, 4U}) {
        ReadWrite pages = filled<ReadWrite>();
        // The change, its undoing, and the query.
        fake::fail({.error = fake::refusal, .times = times});
        auto frozen = std::move(pages).try_deny_write();
        fake::stop_failing();
        ASSERT_FALSE(frozen);
        EXPECT_EQ(frozen.error().error, PageError::permissions_lost);
        pages = std::move(frozen.error().pages).allow_write();
        expect_untouched(pages, Access::read_write);
        EXPECT_EQ(fake::walks_left(), 0U);
    }
}

TEST_P(FaultyPages, MayStayReadableWhenResizeCannotUndoIt) {
    WriteOnly pages = filled<WriteOnly>();
    // The change that makes them readable succeeds, that of the new pages is refused.
    fake::fail({.nth = 2, .verb = Verb::protect, .error = fake::refusal, .times = 2});
    const auto resized = pages.try_resize(4 * page());
    const bool is_refused = fake::stop_failing().has_value();
    EXPECT_EQ(is_refused, !GetParam().can_resize);
    if (is_refused) {
        EXPECT_EQ(error_of(resized), fake::refusal);
        EXPECT_FALSE(WriteOnly::is_enforced());
        expect_untouched(pages, Access::read_write);
    }
}

// -- size -----------------------------------------------------------------------------------------

/// `resize` to every size from one page to twice the size, refused at each call.
template <class P>
void expect_resize_is_all_or_nothing(auto make, auto expect_untouched, auto keeps, Access access) {
    for (std::size_t pages_wanted = 1; pages_wanted <= 6; ++pages_wanted) {
        const std::size_t bytes = pages_wanted * page_size();
        for (const bool is_halfway : {false, true}) {
            const std::size_t calls = fake::refuse_each_call(
                make,
                [&](P& pages) -> std::error_code {
                    const auto done = pages.try_resize(bytes);
                    return done ? std::error_code() : done.error();
                },
                [&](P& pages, std::error_code error) {
                    if (error) {
                        return expect_untouched(pages);
                    }
                    EXPECT_EQ(pages.size(), bytes);
                    EXPECT_TRUE(fake::is_all(pages.get_ptr_mut(), bytes, access));
                    EXPECT_TRUE(keeps(pages, std::min(bytes, 3 * page_size())));
                    for (std::size_t i = 3 * page_size(); i < bytes; ++i) {
                        ASSERT_EQ(*pages.get_ptr_mut(i), 0) << "new bytes read zero";
                    }
                },
                {.is_halfway = is_halfway});
            EXPECT_EQ(calls == 0, pages_wanted == 3);
        }
    }
}

TEST_P(FaultyPages, KeepSizeAndBytesWhenResizeIsRefused) {
    for (const PageOptions options :
         {PageOptions{}, PageOptions{.alignment = 1U << 18U}, PageOptions{.populate = true}}) {
        expect_resize_is_all_or_nothing<ReadWrite>(
            [&] { return filled<ReadWrite>(options); },
            [](ReadWrite& pages) { expect_untouched(pages, Access::read_write); }, keeps<ReadWrite>,
            Access::read_write);
    }
}

TEST_P(FaultyPages, KeepSizeAndBytesWhenWriteOnlyResizeIsRefused) {
    expect_resize_is_all_or_nothing<WriteOnly>(
        [] { return filled<WriteOnly>(); },
        [](WriteOnly& pages) { expect_untouched(pages, Access::write); }, keeps<WriteOnly>,
        Access::write);
}

TEST_P(FaultyPages, AreMadeReadableBeforeAWriteOnlyCopy) {
    WriteOnly pages = filled<WriteOnly>();
    std::byte* const old_base = reinterpret_cast<std::byte*>(pages.get_ptr_mut());
    fake::forget_calls();
    pages.resize(5 * page());
    const bool was_readable = std::ranges::any_of(fake::calls(), [&](const fake::Call& call) {
        return call.verb == Verb::protect && call.base == old_base &&
               call.access == Access::read_write && call.bytes == count * page();
    });
    EXPECT_EQ(was_readable, !GetParam().can_resize);
}

// Pitfall: notes-in-pages
TEST_P(FaultyPages, KeepEveryOptionWhenResized) {
    constexpr std::size_t alignment = 1U << 20U;
    ReadWrite pages =
        filled<ReadWrite>({.alignment = alignment, .populate = true, .uncharged = true});
    for (const std::size_t wanted : {5 * page(), page(), 9 * page()}) {
        const bool grows = wanted > pages.size();
        fake::forget_calls();
        pages.resize(wanted);
        EXPECT_EQ(reinterpret_cast<std::uintptr_t>(pages.data()) % alignment, 0U);
        EXPECT_EQ(fake::bytes_charged(), 0U);
        if (grows) {
            EXPECT_EQ(fake::count_of(Verb::populate), 1U);
        }
    }
}

TEST_P(FaultyPages, ThrowTheErrorOfTheSystemInResize) {
    ReadWrite pages = filled<ReadWrite>();
    fake::fail({.verb = GetParam().can_resize ? Verb::resize : Verb::map,
                .error = PageError::address_space_limit});
    EXPECT_FAILS(pages.resize(4 * page()), PageError::address_space_limit);
    fake::stop_failing();
    EXPECT_FAILS(pages.resize(0), std::errc::invalid_argument);
    EXPECT_FAILS(pages.resize(SIZE_MAX), std::errc::not_enough_memory);
    expect_untouched(pages, Access::read_write);
}

// -- what is done with ranges ---------------------------------------------------------------------

TEST_P(FaultyPages, KeepTheirBytesWhenAVerbIsRefused) {
    using Do = std::error_code (*)(ReadWrite&);
    const std::vector<Do> verbs = {
        [](ReadWrite& p) { return error_of(p.try_decommit()); },
        [](ReadWrite& p) { return error_of(p.try_discard()); },
        [](ReadWrite& p) { return error_of(p.try_zero()); },
        [](ReadWrite& p) { return error_of(p.try_populate()); },
        [](ReadWrite& p) { return error_of(p.try_advise(Advice::sequential)); },
    };
    for (const Do verb : verbs) {
        const std::size_t calls =
            fake::refuse_each_call([] { return filled<ReadWrite>(); }, verb,
                                   [](ReadWrite& pages, std::error_code error) {
                                       if (error) {
                                           expect_untouched(pages, Access::read_write);
                                       }
                                   });
        EXPECT_EQ(calls, 1U);
    }
}

TEST_P(FaultyPages, ThrowTheErrorOfARefusedHintOrGiveBack) {
    ReadWrite pages = filled<ReadWrite>();
    const auto refuse = [](Verb verb) {
        fake::fail({.verb = verb, .error = PageError::lock_limit});
    };
    refuse(Verb::decommit);
    EXPECT_FAILS(pages.decommit(), PageError::lock_limit);
    refuse(Verb::discard);
    EXPECT_FAILS(pages.discard(), PageError::lock_limit);
    refuse(Verb::zero);
    EXPECT_FAILS(pages.zero(), PageError::lock_limit);
    refuse(Verb::populate);
    EXPECT_FAILS(pages.populate(), PageError::lock_limit);
    refuse(Verb::advise);
    EXPECT_FAILS(pages.advise_use_soon(), PageError::lock_limit);
    fake::stop_failing();
    expect_untouched(pages, Access::read_write);
}

// Pitfall: macos-dontneed-keeps
TEST_P(FaultyPages, ReadZeroAfterZero) {
    ReadWrite pages = filled<ReadWrite>();
    pages.decommit();
    EXPECT_EQ(pages[0], 0xA5) << "this system leaves no zeros";
    pages.zero(page(), page());
    EXPECT_EQ(pages[page() - 1], 0xA5);
    EXPECT_EQ(pages[page()], 0);
    EXPECT_EQ(pages[2 * page() - 1], 0);
    EXPECT_EQ(pages[2 * page()], 0xA5);
}

// Pitfall: windows-free-and-keep
TEST_P(FaultyPages, KeepTheNeighboursOfDecommittedPages) {
    ReadWrite pages = filled<ReadWrite>();
    pages.decommit(page(), page());
    for (const std::size_t i : {std::size_t{0}, page() - 1, 2 * page(), 3 * page() - 1}) {
        EXPECT_EQ(pages[i], expected_at(i));
    }
    EXPECT_EQ(pages[page()], 0xA5);
    EXPECT_EQ(pages[2 * page() - 1], 0xA5);
}

// Pitfall: length-rounded-up
// Pitfall: edge-ranges
TEST_P(FaultyPages, DecommitWholePagesOnly) {
    ReadWrite pages = filled<ReadWrite>();
    fake::forget_calls();
    const auto invalid = std::make_error_code(std::errc::invalid_argument);
    for (const auto& [offset, bytes] :
         std::vector<std::pair<std::size_t, std::size_t>>{{1, page()},
                                                          {0, page() - 1},
                                                          {page() / 2, page()},
                                                          {0, 4 * page()},
                                                          {4 * page(), 0},
                                                          {page(), SIZE_MAX - page() + 1},
                                                          {3 * page(), page()}}) {
        EXPECT_EQ(error_of(pages.try_decommit(offset, bytes)), invalid);
        EXPECT_EQ(error_of(pages.try_discard(offset, bytes)), invalid);
        EXPECT_EQ(error_of(pages.try_zero(offset, bytes)), invalid);
    }
    EXPECT_TRUE(fake::calls().empty());
    expect_untouched(pages, Access::read_write);
}

TEST_P(FaultyPages, AreAdvisedInWholePagesAroundARange) {
    const ReadWrite pages(count * page());
    fake::forget_calls();
    const auto* const base = reinterpret_cast<const std::byte*>(pages.data());
    pages.advise_use_rnd(page() - 1, 2);
    ASSERT_EQ(fake::calls().size(), 1U);
    EXPECT_EQ(fake::calls()[0].base, base);
    EXPECT_EQ(fake::calls()[0].bytes, 2 * page());
    pages.advise_use_seq(2 * page() + 1, 1);
    ASSERT_EQ(fake::calls().size(), 2U);
    EXPECT_EQ(fake::calls()[1].base, base + 2 * page());
    EXPECT_EQ(fake::calls()[1].bytes, page());
    pages.populate(1, page());
    ASSERT_EQ(fake::calls().size(), 3U);
    EXPECT_EQ(fake::calls()[2].bytes, 2 * page());
}

// Pitfall: edge-ranges
TEST_P(FaultyPages, DoNothingForAnEmptyRange) {
    ReadWrite pages(count * page());
    fake::forget_calls();
    for (const std::size_t offset : {std::size_t{0}, page(), count * page()}) {
        pages.advise_use_soon(offset, 0);
        pages.populate(offset, 0);
        pages.decommit(offset, 0);
        pages.discard(offset, 0);
        pages.zero(offset, 0);
    }
    EXPECT_TRUE(fake::calls().empty());
}

}  // namespace
