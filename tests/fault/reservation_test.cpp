// SPDX-License-Identifier: MIT
// Reservations, their ranges and parts of pages on all kinds of systems when the system refuses.

#include "machines.hpp"

#include <memory_pages/pages.hpp>
#include <memory_pages/reservation.hpp>
#include <memory_pages/unsafe_write_exec.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <optional>
#include <utility>
#include <vector>

namespace {

using namespace memory_pages;
using fake::Access;
using fake::Verb;

using Range = PageRange<AllowRead, AllowWrite, DenyExec>;
using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;

template <class T>
std::error_code error_of(const Result<T>& result) {
    return result ? std::error_code() : result.error();
}

class FaultyReservation : public fake::EveryMachine {
protected:
    static std::size_t unit() { return std::max(GetParam().granularity, page()); }

    static Range commit(const Reservation& reservation, std::size_t first, std::size_t count) {
        return reservation.commit<AllowRead, AllowWrite>(first * page(), count * page());
    }

    /// The first byte of pages that are committed for a moment.
    static int byte_in(const Reservation& reservation, std::size_t first, std::size_t count) {
        const Range range = commit(reservation, first, count);
        return range[0];
    }
};

INSTANTIATE_TEST_SUITE_P(, FaultyReservation, testing::ValuesIn(fake::every_machine),
                         fake::name_of_machine);

TEST_P(FaultyReservation, IsUnchangedWhenAnOverlappingUntypedCommitIsRefused) {
    for (std::size_t nth = 1; nth <= 3; ++nth) {
        const Reservation reservation(16 * page());
        const UntypedReservation untyped = reservation.untyped();
        untyped.commit<AllowRead, AllowWrite>(2 * page(), page());
        untyped.commit<AllowRead, DenyWrite>(5 * page(), 2 * page());
        reservation.address()[2 * page()] = 42;
        fake::fail({.nth = nth, .verb = Verb::commit, .error = fake::refusal});
        EXPECT_EQ(error_of(untyped.try_commit<AllowRead, AllowWrite>(0, 16 * page())),
                  fake::refusal);
        fake::stop_failing();
        EXPECT_EQ(reservation.address()[2 * page()], 42);
        EXPECT_EQ(fake::bytes_in_use(), 3 * page());
        EXPECT_TRUE(fake::is_all(reservation.address() + 2 * page(), page(), Access::read_write));
        EXPECT_TRUE(fake::is_all(reservation.address() + 5 * page(), 2 * page(), Access::read));
        untyped.commit<AllowRead, AllowWrite>(0, 16 * page());
        EXPECT_EQ(reservation.address()[2 * page()], 42);
        EXPECT_EQ(fake::bytes_in_use(), 16 * page());
    }
}

TEST_P(FaultyReservation, ReportsARangeWithLostPermissions) {
    const Reservation reservation(8 * page());
    Range range = commit(reservation, 2, 4);
    const std::uint8_t* const base = range.data();
    range[3 * page()] = 42;
    fake::fail({.verb = Verb::protect, .error = fake::refusal, .is_halfway = true, .times = 2});
    auto frozen = std::move(range).try_deny_write();
    fake::stop_failing();
    ASSERT_FALSE(frozen);
    EXPECT_EQ(frozen.error().error, PageError::permissions_lost);
    auto parts = std::move(frozen.error().pages).split_at(page());
    range = std::move(parts.second).allow_write();
    EXPECT_TRUE(fake::is_all(base + page(), 3 * page(), Access::read_write));
    EXPECT_EQ(range[2 * page()], 42);
}

TEST_P(FaultyReservation, GrowsACommittedPrefixByOneCall) {
    const Reservation reservation(16 * page());
    const UntypedReservation untyped = reservation.untyped();
    for (std::size_t pages = 1; pages <= 16; ++pages) {
        fake::forget_calls();
        untyped.commit<AllowRead, AllowWrite>(0, pages * page());
        EXPECT_EQ(fake::calls().size(), 1U);
    }
    fake::forget_calls();
    untyped.commit<AllowRead, AllowWrite>(3 * page(), 2 * page());
    EXPECT_EQ(fake::calls().size(), 0U);
}

TEST_P(FaultyReservation, RefusesRangesCommittedByItsView) {
    const Reservation reservation(16 * page());
    const UntypedReservation untyped = reservation.untyped();
    untyped.commit<AllowRead, AllowWrite>(0, 4 * page());
    EXPECT_EQ(error_of(reservation.try_commit<AllowRead, AllowWrite>(3 * page(), 2 * page())),
              std::errc::invalid_argument);
    EXPECT_TRUE(fake::is_all(reservation.address(), 4 * page(), Access::read_write));
    untyped.uncommit(0, 4 * page());
    EXPECT_TRUE((reservation.try_commit<AllowRead, AllowWrite>(3 * page(), 2 * page())));
}

TEST_P(FaultyReservation, LosesNoAddressesWithoutTrackingMemory) {
    fake::fail_allocation(1);
    EXPECT_EQ(error_of(Reservation::try_new(16 * page())), std::errc::not_enough_memory);
    EXPECT_TRUE(fake::stop_failing_allocation());
    EXPECT_EQ(fake::areas_left(), 0U);
}

TEST_P(FaultyReservation, IsOneCallAndEachRangeToo) {
    Reservation reservation(10 * page());
    EXPECT_EQ(fake::calls().size(), 1U);
    {
        const Range range = commit(reservation, 2, 3);
        EXPECT_EQ(fake::calls().size(), 2U);
        EXPECT_TRUE(fake::is_all(range.data(), range.size(), Access::read_write));
        EXPECT_EQ(fake::bytes_charged(), 3 * page());
    }
    EXPECT_EQ(fake::count_of(Verb::uncommit), 1U);
    EXPECT_EQ(fake::bytes_in_use(), 0U);
    reservation = Reservation(page());
    EXPECT_EQ(fake::count_of(Verb::release), 1U);
}

TEST_P(FaultyReservation, NamesTheReachedLimit) {
    fake::machine().address_space = 100 * page();
    EXPECT_EQ(error_of(Reservation::try_new(101 * page())), PageError::address_space_limit);
    const Reservation reservation(50 * page());
    fake::machine().memory = 10 * page();
    EXPECT_EQ(error_of(reservation.try_commit<AllowRead, AllowWrite>(0, 11 * page())),
              PageError::commit_limit);
    EXPECT_EQ(reservation.ranges(), 0U);
    const Range range = commit(reservation, 0, 10);
    EXPECT_EQ(range.size(), 10 * page());
}

TEST_P(FaultyReservation, IsUnchangedWhenACommitIsRefused) {
    const Reservation reservation(10 * page());
    Range range = commit(reservation, 0, 2);
    range[0] = 5;
    fake::fail({.verb = Verb::commit, .error = fake::refusal});
    EXPECT_EQ(error_of(reservation.try_commit<AllowRead, AllowWrite>(2 * page(), 4 * page())),
              fake::refusal);
    (void)fake::stop_failing();
    EXPECT_EQ(reservation.ranges(), 1U);
    EXPECT_EQ(range[0], 5);
    EXPECT_EQ(byte_in(reservation, 2, 4), 0);
}

// Pitfall: unfreed-taken-for-zero
TEST_P(FaultyReservation, KeepsPagesThatCannotBeUncommittedUnused) {
    const Reservation reservation(10 * page());
    std::optional<Range> range = commit(reservation, 2, 2);
    (*range)[0] = 5;
    fake::fail({.verb = Verb::uncommit, .error = fake::refusal});
    range.reset();
    (void)fake::stop_failing();
    EXPECT_EQ(reservation.ranges(), 0U);
    EXPECT_EQ(error_of(reservation.try_commit<AllowRead, AllowWrite>(3 * page(), page())),
              std::errc::invalid_argument)
        << "would not read zero";
    EXPECT_EQ(error_of(reservation.untyped().try_commit<AllowRead, AllowWrite>(3 * page(), page())),
              std::errc::invalid_argument);
    EXPECT_EQ(byte_in(reservation, 0, 2), 0);
    EXPECT_EQ(byte_in(reservation, 4, 2), 0);
}

TEST_P(FaultyReservation, LosesNothingWhenAnyCallIsRefused) {
    const std::size_t calls = fake::refuse_each_call(
        [] { return std::optional<Reservation>(); },
        [](std::optional<Reservation>& made) {
            Result<Reservation> reservation = Reservation::try_new(4 * page());
            if (!reservation) {
                return reservation.error();
            }
            made = std::move(*reservation);
            auto range = made->try_commit<AllowRead, AllowWrite>(page(), 2 * page());
            if (!range) {
                return range.error();
            }
            auto frozen = std::move(*range).try_deny_write();
            return frozen ? std::error_code() : frozen.error().error;
        },
        [](std::optional<Reservation>& made, std::error_code) {
            EXPECT_EQ(fake::areas_left(), made ? 1U : 0U);
            EXPECT_TRUE(!made || made->ranges() == 0);
        });
    EXPECT_EQ(calls, 4U);  // reserve, commit, protect, uncommit
}

TEST_P(FaultyReservation, ReadsZeroWhenCommittedAgain) {
    const Reservation reservation(4 * page());
    {
        Range range = commit(reservation, 0, 4);
        std::ranges::fill(range.bytes(), std::uint8_t{5});
    }
    const Range range = commit(reservation, 1, 3);
    EXPECT_TRUE(std::ranges::all_of(range.bytes(), [](std::uint8_t byte) { return byte == 0; }));
}

TEST_P(FaultyReservation, ReturnsARangeUnchangedWhenATransitionIsRefused) {
    const Reservation reservation(8 * page());
    const Range neighbour = commit(reservation, 4, 2);
    Range range = commit(reservation, 0, 4);
    fake::fail({.verb = Verb::protect, .error = fake::refusal, .is_halfway = true});
    auto refused = std::move(range).try_deny_write();
    (void)fake::stop_failing();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().error, fake::refusal);
    EXPECT_TRUE(fake::is_all(reservation.address(), 6 * page(), Access::read_write));
}

TEST_P(FaultyReservation, SplitsAndJoinsWithoutSystemCalls) {
    const Reservation reservation(8 * page());
    Range range = commit(reservation, 0, 8);
    fake::forget_calls();
    auto [front, behind] = std::move(range).split_at(3 * page());
    Range joined = std::move(front).join(std::move(behind));
    EXPECT_TRUE(fake::calls().empty());
    auto [one, other] = std::move(joined).split_at(page());
    {
        const Range ended = std::move(one);
    }
    EXPECT_EQ(fake::calls().back().bytes, page());
    EXPECT_EQ(fake::access_at(reservation.address()), std::nullopt);
    EXPECT_TRUE(fake::is_all(other.data(), other.size(), Access::read_write));
}

TEST_P(FaultyReservation, IsNeverTriedAtTheNullPointer) {
    auto* const low = reinterpret_cast<void*>(unit());  // NOLINT(performance-no-int-to-ptr)
    (void)Reservation::try_new(unit(), {.near_to = low});
    for (const fake::Call& call : fake::calls()) {
        EXPECT_TRUE(call.verb != Verb::reserve_at || call.base != nullptr);
    }
}

TEST_P(FaultyReservation, IsTriedNearWithoutAListOfFreeRegions) {
    const Reservation there(unit());
    fake::fail({.verb = Verb::start_walk, .times = 100});
    const Reservation beside(unit(), {.near_to = there.address()});
    fake::stop_failing();
    EXPECT_LE(std::abs(beside.address() - there.address()),
              static_cast<std::ptrdiff_t>(64 * unit()));
    EXPECT_EQ(fake::walks_left(), 0U);
}

// Pitfall: code-out-of-reach
TEST_P(FaultyReservation, IsTriedNearAndThenAnywhere) {
    const Reservation there(unit());
    const Reservation beside(unit(), {.near_to = there.address()});
    EXPECT_EQ(fake::count_of(Verb::reserve), 1U);
    EXPECT_EQ(fake::count_of(Verb::reserve_at), 2U) << "at the address, and in the nearest room";
    fake::forget_calls();
    fake::machine().address_space = 2 * unit();
    EXPECT_EQ(error_of(Reservation::try_new(unit(), {.near_to = there.address()})),
              PageError::address_space_limit);
    EXPECT_EQ(fake::calls().back().verb, Verb::reserve);
    EXPECT_LE(fake::count_of(Verb::reserve_at), 3U) << "further away is no more room either";
    for (const fake::Call& call : fake::calls()) {
        EXPECT_TRUE(call.verb == Verb::reserve ||
                    reinterpret_cast<std::uintptr_t>(call.base) % unit() == 0);
    }
}

TEST_P(FaultyReservation, IsRefusedOutsideItsBoundsWithoutAListOfFreeRegions) {
    const Reservation there(8 * unit());
    const auto base = reinterpret_cast<std::uintptr_t>(there.address());
    for (const std::size_t units : {1U, 8U}) {
        fake::forget_calls();
        fake::fail({.verb = Verb::start_walk, .times = 100});
        EXPECT_EQ(error_of(Reservation::try_new(unit(), {.within = {base, base + units * unit()}})),
                  std::errc::address_not_available);
        fake::stop_failing();
        EXPECT_EQ(fake::count_of(Verb::reserve), 0U);
        for (const fake::Call& call : fake::calls()) {
            const auto at = reinterpret_cast<std::uintptr_t>(call.base);
            EXPECT_TRUE(call.verb != Verb::reserve_at ||
                        (at >= base && at + call.bytes <= base + units * unit()));
        }
    }
}

TEST_P(FaultyReservation, TakesTheNextPlaceWhenAnotherThreadIsFaster) {
    std::uintptr_t base = 0;
    {
        const Reservation gone(64 * unit());
        base = reinterpret_cast<std::uintptr_t>(gone.address());
    }
    const std::uintptr_t middle = base + 32 * unit();
    fake::forget_calls();
    fake::fail({.verb = Verb::reserve_at,
                .error = std::make_error_code(std::errc::address_in_use),
                .times = 6});
    const auto found = Reservation::try_new(
        unit(), {.near_to = reinterpret_cast<void*>(middle),  // NOLINT(performance-no-int-to-ptr)
                 .within = {base, base + 64 * unit()}});
    fake::stop_failing();
    ASSERT_TRUE(found);
    // The first two are the address itself, and the same as the nearest free place.
    std::vector<std::byte*> tried;
    for (const fake::Call& call : fake::calls()) {
        if (call.verb == Verb::reserve_at) {
            tried.push_back(call.base);
        }
    }
    ASSERT_EQ(tried.size(), 7U);
    const std::span<std::byte*> different = std::span(tried).subspan(1);
    std::ranges::sort(different);
    EXPECT_EQ(std::ranges::adjacent_find(different), different.end());
    EXPECT_LE(different.back() - different.front(), static_cast<std::ptrdiff_t>(6 * unit()))
        << "as near as the others allow";
}

TEST_P(FaultyReservation, LooksAgainAtPlacesThatOtherThreadsTook) {
    std::uintptr_t base = 0;
    {
        const Reservation gone(2 * unit());
        base = reinterpret_cast<std::uintptr_t>(gone.address());
    }
    for (const std::size_t times : {1U, 3U, 6U}) {
        fake::fail({.verb = Verb::reserve_at,
                    .error = std::make_error_code(std::errc::address_in_use),
                    .times = times});
        EXPECT_TRUE(Reservation::try_new(unit(), {.within = {base, base + 2 * unit()}}));
        fake::stop_failing();
    }
}

TEST_P(FaultyReservation, ReportsALimitAndNotAMissingPlace) {
    const Reservation there(unit());
    fake::machine().address_space = unit();
    EXPECT_EQ(error_of(Reservation::try_new(
                  unit(), {.near_to = there.address(), .reach = std::size_t{1} << 31})),
              PageError::address_space_limit);
}

TEST_P(FaultyReservation, PublishesAnyBytesThroughItsView) {
    const Reservation reservation(4 * page());
    const UntypedReservation untyped = reservation.untyped();
    untyped.commit<AllowRead, AllowWrite>(page(), 2 * page());
    untyped.protect<AllowRead, AllowWrite, AllowExec>(page(), 2 * page());
    fake::forget_calls();
    untyped.publish(2 * page() - 3, 5);
    untyped.publish(page(), 1, Publish::not_yet_run);
    untyped.publish(4 * page(), 0);
    ASSERT_EQ(fake::calls().size(), 2U);
    EXPECT_EQ(fake::calls()[0].base,
              reinterpret_cast<std::byte*>(reservation.address()) + 2 * page() - 3);
    EXPECT_EQ(fake::calls()[0].bytes, 5U);
    EXPECT_EQ(fake::calls()[0].code, Publish::may_have_run);
    EXPECT_EQ(fake::calls()[1].code, Publish::not_yet_run);
    for (const auto& [offset, bytes] :
         {std::pair{page() - 1, std::size_t{2}}, std::pair{3 * page() - 1, std::size_t{2}},
          std::pair{4 * page(), std::size_t{1}}}) {
        EXPECT_EQ(error_of(untyped.try_publish(offset, bytes)), std::errc::invalid_argument);
    }
}

TEST_P(FaultyReservation, PassesHugePagesOfItsViewToTheSystem) {
    const Reservation reservation(4 * page());
    const UntypedReservation untyped = reservation.untyped();
    auto* const second = reinterpret_cast<std::byte*>(reservation.address()) + page();
    untyped.commit<AllowRead, AllowWrite>(page(), 2 * page());
    fake::forget_calls();
    untyped.set_huge_pages(HugePages::prefer, page(), 2 * page());
    (void)untyped.try_collapse(page(), 2 * page());
    ASSERT_EQ(fake::calls().size(), 2U);
    EXPECT_EQ(fake::calls()[0].verb, Verb::set_huge_pages);
    EXPECT_EQ(fake::calls()[0].policy, HugePages::prefer);
    EXPECT_EQ(fake::calls()[1].verb, Verb::collapse);
    for (const fake::Call& call : fake::calls()) {
        EXPECT_EQ(call.base, second);
        EXPECT_EQ(call.bytes, 2 * page());
    }
    fake::fail({.verb = Verb::set_huge_pages, .error = fake::refusal});
    EXPECT_EQ(error_of(untyped.try_set_huge_pages(HugePages::never, page(), page())),
              std::errc::not_enough_memory);
    (void)fake::stop_failing();
}

TEST_P(FaultyReservation, PublishesCodeThroughItsView) {
    const Reservation reservation(2 * page());
    const UntypedReservation untyped = reservation.untyped();
    untyped.commit<AllowRead, AllowWrite>(0, page());
    untyped.protect<AllowRead, DenyWrite, AllowExec>(0, page());
    EXPECT_EQ(fake::calls().back().verb, Verb::make_executable);
    untyped.protect<AllowRead, AllowWrite>(0, page());
    EXPECT_EQ(fake::calls().back().verb, Verb::protect);
    for (const Verb verb : {Verb::protect, Verb::uncommit_any}) {
        fake::fail({.verb = verb, .error = fake::refusal});
        EXPECT_EQ(
            error_of(verb == Verb::protect ? untyped.try_protect<AllowRead, DenyWrite>(0, page())
                                           : untyped.try_uncommit(0, page())),
            fake::refusal);
        (void)fake::stop_failing();
    }
    fake::fail({.verb = Verb::commit, .error = fake::refusal});
    EXPECT_EQ(error_of(untyped.try_commit<AllowRead, AllowWrite>(page(), page())), fake::refusal);
}

// -- parts of pages -------------------------------------------------------------------------------

class FaultyParts : public fake::EveryMachine {};

INSTANTIATE_TEST_SUITE_P(, FaultyParts, testing::ValuesIn(fake::every_machine),
                         fake::name_of_machine);

TEST_P(FaultyParts, SplitAndJoinWithoutSystemCalls) {
    ReadWrite pages(6 * page());
    fake::forget_calls();
    auto [front, behind] = std::move(pages).split_at(2 * page());
    const ReadWrite whole = std::move(front).join(std::move(behind));
    EXPECT_TRUE(fake::calls().empty());
    EXPECT_EQ(whole.size(), 6 * page());
}

TEST_P(FaultyParts, AreUnmappedOneByOneAndTheLastWithItsMapping) {
    auto [front, rest] = ReadWrite(6 * page()).split_at(2 * page());
    auto [middle, last] = std::move(rest).split_at(2 * page());
    {
        const ReadWrite ended = std::move(middle);
    }
    EXPECT_EQ(fake::count_of(Verb::unmap_part), 1U);
    EXPECT_EQ(fake::bytes_in_use(), 4 * page());
    {
        const ReadWrite ended = std::move(front);
    }
    EXPECT_EQ(fake::areas_left(), 1U);
    {
        const ReadWrite ended = std::move(last);
    }
    EXPECT_EQ(fake::areas_left(), 0U);
}

TEST_P(FaultyParts, AreUnmappedAsOneWhenRejoined) {
    {
        auto [front, behind] = ReadWrite(4 * page()).split_at(page());
        const ReadWrite whole = std::move(front).join(std::move(behind));
    }
    EXPECT_EQ(fake::count_of(Verb::unmap), 1U);
    EXPECT_EQ(fake::count_of(Verb::unmap_part), 0U);
}

TEST_P(FaultyParts, KeepOtherPartsWhenAChangeOfOneIsRefused) {
    auto [front, behind] = ReadWrite(4 * page()).split_at(2 * page());
    fake::fail({.verb = Verb::protect, .error = fake::refusal, .is_halfway = true});
    auto refused = std::move(front).try_deny_write();
    (void)fake::stop_failing();
    ASSERT_FALSE(refused);
    EXPECT_TRUE(fake::is_all(behind.data(), behind.size(), Access::read_write));
    EXPECT_TRUE(fake::is_all(refused.error().pages.data(), 2 * page(), Access::read_write));
}

TEST_P(FaultyParts, StayPartsWhenResizeIsRefused) {
    auto [front, behind] = ReadWrite(4 * page()).split_at(2 * page());
    front[0] = 5;
    fake::fail({.verb = Verb::map, .error = fake::refusal});
    EXPECT_EQ(error_of(front.try_resize(8 * page())), fake::refusal);
    (void)fake::stop_failing();
    EXPECT_EQ(front[0], 5);
    EXPECT_EQ(std::move(front).join(std::move(behind)).size(), 4 * page());
}

TEST_P(FaultyParts, KeepTheirOptionsWhenResized) {
    auto [front, behind] =
        ReadWrite(4 * page(), {.populate = true, .uncharged = true}).split_at(2 * page());
    fake::forget_calls();
    front.resize(3 * page());
    EXPECT_EQ(fake::count_of(Verb::populate), 1U);
    EXPECT_EQ(fake::bytes_charged(), 0U);
    front.resize(5 * page());
    EXPECT_EQ(fake::count_of(Verb::unmap_part), 1U) << "it is a mapping of its own now";
}

}  // namespace
