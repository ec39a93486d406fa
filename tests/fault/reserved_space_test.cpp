// SPDX-License-Identifier: MIT
// The address space below PagedVec on all kinds of systems when the system refuses.

#include "machines.hpp"

#include <memory_pages/page_size.hpp>
#include <memory_pages/paged_vec.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>
#include <vector>

namespace {

using namespace memory_pages;
using detail::ReservedSpace;
using fake::Access;
using fake::Verb;

class FaultySpace : public fake::EveryMachine {
protected:
    /// Five pages, three of them committed and filled with a byte each.
    static ReservedSpace filled() {
        ReservedSpace space = *ReservedSpace::reserve(5 * page(), 5 * page(), 0);
        EXPECT_TRUE(space.commit(3 * page()));
        for (std::size_t i = 0; i < 3; ++i) {
            std::memset(space.data() + i * page(), static_cast<int>(i + 1), page());
        }
        return space;
    }

    static bool is_filled_with(const ReservedSpace& space, std::size_t index, int value) {
        return std::all_of(space.data() + index * page(), space.data() + (index + 1) * page(),
                           [=](std::byte byte) { return std::to_integer<int>(byte) == value; });
    }

    static void expect_filled(const ReservedSpace& space, std::size_t pages = 3) {
        ASSERT_EQ(space.committed(), pages * page());
        EXPECT_GE(space.reserved(), 5 * page());
        EXPECT_TRUE(fake::is_all(space.data(), space.committed(), Access::read_write));
        EXPECT_EQ(fake::access_at(space.data() + space.committed()), std::nullopt);
        for (std::size_t i = 0; i < 3; ++i) {
            EXPECT_TRUE(is_filled_with(space, i, static_cast<int>(i + 1)));
        }
    }

    static std::error_code error_of(const Result<void>& result) {
        return result ? std::error_code() : result.error();
    }
};

INSTANTIATE_TEST_SUITE_P(, FaultySpace, testing::ValuesIn(fake::every_machine),
                         fake::name_of_machine);

// Pitfall: address-space-limit
TEST_P(FaultySpace, IsHalvedUntilGranted) {
    fake::machine().address_space = 100 * page();
    const ReservedSpace space = *ReservedSpace::reserve(1, 1024 * page(), 0);
    EXPECT_EQ(space.reserved(), 64 * page());
    EXPECT_EQ(fake::count_of(Verb::reserve), 5U);
    EXPECT_EQ(fake::bytes_charged(), 0U);
}

TEST_P(FaultySpace, IsNeverSmallerThanNeeded) {
    fake::machine().address_space = 51 * page();
    const ReservedSpace space = *ReservedSpace::reserve(51 * page() - 1, 1024 * page(), 0);
    EXPECT_EQ(space.reserved(), 51 * page());
}

TEST_P(FaultySpace, IsRefusedWhenTheNeededSizeIs) {
    fake::machine().address_space = 50 * page();
    const auto refused = ReservedSpace::reserve(51 * page(), 1024 * page(), 0);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error(), PageError::address_space_limit);
    EXPECT_EQ(fake::areas_left(), 0U);
}

// Pitfall: size-overflow
TEST_P(FaultySpace, IsRefusedWithoutASystemCallWhenItOverflows) {
    constexpr std::size_t most = std::numeric_limits<std::size_t>::max();
    EXPECT_EQ(ReservedSpace::reserve(most, most, 0).error(), std::errc::not_enough_memory);
    EXPECT_TRUE(fake::calls().empty());
    fake::machine().address_space = 8 * page();
    const ReservedSpace wished_too_much = *ReservedSpace::reserve(1, most, 0);
    EXPECT_GE(wished_too_much.reserved(), page());
}

TEST_P(FaultySpace, IsAlignedAsAsked) {
    const ReservedSpace space = *ReservedSpace::reserve(1, 1, 1U << 21U);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(space.data()) % (1U << 21U), 0U);
}

TEST_P(FaultySpace, CommitsWholeZeroedPages) {
    ReservedSpace space = *ReservedSpace::reserve(4 * page(), 4 * page(), 0);
    ASSERT_TRUE(space.commit(page() + 1));
    EXPECT_EQ(space.committed(), 2 * page());
    EXPECT_TRUE(is_filled_with(space, 0, 0));
    EXPECT_TRUE(is_filled_with(space, 1, 0));
    fake::forget_calls();
    EXPECT_TRUE(space.commit(0));
    EXPECT_TRUE(space.commit(2 * page()));
    EXPECT_TRUE(fake::calls().empty());
    EXPECT_EQ(space.committed(), 2 * page());
}

TEST_P(FaultySpace, IsUnchangedWhenCommitIsRefused) {
    const std::size_t calls = fake::refuse_each_call(
        filled, [](ReservedSpace& space) { return error_of(space.commit(5 * page())); },
        [](ReservedSpace& space, std::error_code error) {
            if (error) {
                return expect_filled(space);
            }
            EXPECT_EQ(space.committed(), 5 * page());
        });
    EXPECT_EQ(calls, 1U);
}

// Pitfall: recommit-old-bytes
TEST_P(FaultySpace, ReadsZeroWhenCommittedAgain) {
    ReservedSpace space = filled();
    ASSERT_TRUE(space.decommit_from(page()));
    EXPECT_EQ(space.committed(), page());
    EXPECT_EQ(fake::bytes_charged(), page());
    EXPECT_EQ(fake::access_at(space.data() + page()), std::nullopt);
    ASSERT_TRUE(space.commit(3 * page()));
    EXPECT_TRUE(is_filled_with(space, 0, 1));
    EXPECT_TRUE(is_filled_with(space, 1, 0));
    EXPECT_TRUE(is_filled_with(space, 2, 0));
}

TEST_P(FaultySpace, KeepsThePartlyUsedPage) {
    ReservedSpace space = filled();
    ASSERT_TRUE(space.decommit_from(page() + 1));
    EXPECT_EQ(space.committed(), 2 * page());
    fake::forget_calls();
    EXPECT_TRUE(space.decommit_from(2 * page() - 1));
    EXPECT_TRUE(space.decommit_from(std::numeric_limits<std::size_t>::max()));
    EXPECT_TRUE(fake::calls().empty());
    EXPECT_TRUE(is_filled_with(space, 1, 2));
}

TEST_P(FaultySpace, IsUnchangedWhenDecommitIsRefused) {
    const std::size_t calls = fake::refuse_each_call(
        filled, [](ReservedSpace& space) { return error_of(space.decommit_from(0)); },
        [](ReservedSpace& space, std::error_code error) {
            if (error) {
                return expect_filled(space);
            }
            EXPECT_EQ(space.committed(), 0U);
        });
    EXPECT_EQ(calls, 1U);
}

// Pitfall: length-rounded-up
TEST_P(FaultySpace, DecommitsWholePagesWithinARange) {
    ReservedSpace space = filled();
    ASSERT_TRUE(space.drop(1, 2 * page()));
    EXPECT_TRUE(is_filled_with(space, 0, 1));
    EXPECT_TRUE(is_filled_with(space, 1, 0xA5));
    EXPECT_TRUE(is_filled_with(space, 2, 3));
    fake::forget_calls();
    ASSERT_TRUE(space.drop(1, 2 * page() - 2));
    ASSERT_TRUE(space.drop(page(), page() - 1));
    ASSERT_TRUE(space.drop(0, 0));
    EXPECT_TRUE(fake::calls().empty());
}

TEST_P(FaultySpace, IsAdvisedInWholePagesAroundARange) {
    const ReservedSpace space = filled();
    fake::forget_calls();
    ASSERT_TRUE(space.advise(Advice::random, page() - 1, 2));
    ASSERT_EQ(fake::calls().size(), 1U);
    EXPECT_EQ(fake::calls()[0].base, space.data());
    EXPECT_EQ(fake::calls()[0].bytes, 2 * page());
    ASSERT_TRUE(space.advise(Advice::random, page(), 0));
    EXPECT_EQ(fake::calls().size(), 1U);
}

TEST_P(FaultySpace, MovesWithItsBytesAndItsCharge) {
    ReservedSpace space = filled();
    const std::byte* const old_base = space.data();
    ASSERT_TRUE(space.move_to_larger(6 * page(), 20 * page(), 1U << 20U));
    EXPECT_NE(space.data(), old_base);
    EXPECT_EQ(space.reserved(), 20 * page());
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(space.data()) % (1U << 20U), 0U);
    expect_filled(space, 6);
    EXPECT_EQ(fake::areas_left(), 1U);
    EXPECT_EQ(fake::bytes_charged(), 6 * page());
}

// Pitfall: refusal-leaks
TEST_P(FaultySpace, MovesOrIsUnchangedWhenAnyCallIsRefused) {
    // A refused reservation is halved; a refused move becomes a copy into another reservation.
    const std::size_t calls = fake::refuse_each_call(
        filled,
        [](ReservedSpace& space) {
            return error_of(space.move_to_larger(6 * page(), 20 * page(), 0));
        },
        [](ReservedSpace& space, std::error_code error) {
            const std::size_t pages = error ? 3 : 6;
            expect_filled(space, pages);
            EXPECT_EQ(fake::areas_left(), 1U);
            EXPECT_EQ(fake::bytes_charged(), pages * page());
        });
    EXPECT_GE(calls, 2U);
}

TEST_P(FaultySpace, StaysWhenCommitOfTheLargerSpaceIsRefused) {
    ReservedSpace space = filled();
    const std::byte* const old_base = space.data();
    fake::fail({.verb = Verb::commit, .error = fake::refusal});
    EXPECT_EQ(error_of(space.move_to_larger(6 * page(), 20 * page(), 0)), fake::refusal);
    EXPECT_EQ(fake::stop_failing(), Verb::commit);
    EXPECT_EQ(space.data(), old_base);
    expect_filled(space);
    EXPECT_EQ(fake::areas_left(), 1U);
}

// Pitfall: failed-remap-unmaps
TEST_P(FaultySpace, IsCopiedWhenAMoveDestroyedTheTarget) {
    ReservedSpace space = filled();
    fake::forget_calls();
    fake::fail({.verb = Verb::move, .error = fake::refusal});
    ASSERT_TRUE(space.move_to_larger(6 * page(), 20 * page(), 0));
    EXPECT_EQ(fake::stop_failing(), Verb::move);
    EXPECT_EQ(fake::count_of(Verb::reserve), 2U);
    expect_filled(space, 6);
    EXPECT_EQ(space.reserved(), 20 * page());
    EXPECT_EQ(fake::areas_left(), 1U);
}

TEST_P(FaultySpace, StaysWhenACopyDoesNotFit) {
    fake::machine().can_move = false;
    fake::machine().memory = 5 * page();
    ReservedSpace space = filled();
    const std::byte* const old_base = space.data();
    const Result<void> moved = space.move_to_larger(6 * page(), 20 * page(), 0);
    ASSERT_FALSE(moved);
    EXPECT_EQ(moved.error(), PageError::commit_limit);
    EXPECT_EQ(space.data(), old_base);
    expect_filled(space);
    EXPECT_EQ(fake::areas_left(), 1U);
}

TEST_P(FaultySpace, StaysWhenALargerSpaceDoesNotFit) {
    ReservedSpace space = filled();
    fake::machine().address_space = 10 * page();
    const Result<void> moved = space.move_to_larger(6 * page(), 20 * page(), 0);
    ASSERT_FALSE(moved);
    EXPECT_EQ(moved.error(), PageError::address_space_limit);
    expect_filled(space);
}

TEST_P(FaultySpace, MovesWhenFullyCommitted) {
    ReservedSpace space = filled();
    ASSERT_TRUE(space.commit(5 * page()));
    ASSERT_TRUE(space.move_to_larger(1, 1, 0));
    EXPECT_EQ(space.committed(), 6 * page()) << "and the page behind what moved";
    EXPECT_EQ(space.reserved(), 6 * page());
    EXPECT_TRUE(is_filled_with(space, 2, 3));
    EXPECT_EQ(fake::areas_left(), 1U);
}

TEST_P(FaultySpace, IsReplacedWhenNothingIsCommitted) {
    ReservedSpace space;
    ASSERT_TRUE(space.move_to_larger(page(), 4 * page(), 0));
    EXPECT_EQ(space.reserved(), 4 * page());
    EXPECT_EQ(space.committed(), page());
    EXPECT_EQ(fake::areas_left(), 1U);
    EXPECT_EQ(fake::count_of(Verb::move), 0U);
}

// Pitfall: assignment-leaks
TEST_P(FaultySpace, IsUnreservedOnceByItsLastOwner) {
    ReservedSpace first = filled();
    ReservedSpace second = filled();
    second = std::move(first);
    EXPECT_EQ(fake::areas_left(), 1U);
    EXPECT_EQ(first.data(), nullptr);
    first.swap(second);
    expect_filled(first);
}

}  // namespace
