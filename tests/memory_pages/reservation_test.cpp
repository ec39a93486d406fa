// SPDX-License-Identifier: MIT
#include <memory_pages/config.hpp>
#include <memory_pages/exec.hpp>
#include <memory_pages/feature.hpp>
#include <memory_pages/page_size.hpp>
#include <memory_pages/reservation.hpp>

#include "support/checks.hpp"
#include "support/fails.hpp"
#include "support/machine_code.hpp"
#include "support/probe.hpp"
#include "support/rounds.hpp"
#include "support/system_calls.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <span>
#include <system_error>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace memory_pages {
namespace {

using ReadWrite = PageRange<AllowRead, AllowWrite, DenyExec>;
using ReadOnly = PageRange<AllowRead, DenyWrite, DenyExec>;

constexpr std::size_t tebibyte = std::size_t{1} << 40;

std::size_t page() { return probe::page_size(); }

ReadWrite commit(const Reservation& reservation, std::size_t first, std::size_t count) {
    return reservation.commit<AllowRead, AllowWrite>(first * page(), count * page());
}

std::error_code refusal(const Reservation& reservation, std::size_t offset, std::size_t bytes) {
    const auto range = reservation.try_commit<AllowRead, AllowWrite>(offset, bytes);
    return range ? std::error_code() : range.error();
}

bool reads_zero(std::span<const std::uint8_t> bytes) {
    return std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0; });
}

/// The address of a reservation of this size that was just released. Another thread may take it.
std::uint8_t* free_address(std::size_t bytes) {
    std::uint8_t* address = nullptr;
    {
        const Reservation gone(bytes);
        address = gone.address();
    }
    return address;
}

/// Runs `act` with its number in several threads at once.
template <class Act>
void in_threads(std::size_t count, Act act) {
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < count; ++i) {
        threads.emplace_back(act, i);
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
}

bool is_multiple(const void* address, std::size_t of) {
    return reinterpret_cast<std::uintptr_t>(address) % of == 0;
}

static_assert(sizeof(Reservation) == sizeof(void*));
static_assert(std::is_nothrow_move_constructible_v<Reservation>);
static_assert(std::is_nothrow_move_assignable_v<Reservation>);
static_assert(!std::is_copy_constructible_v<Reservation>);
static_assert(!std::is_copy_constructible_v<ReadWrite>);

/// A range has no members that need a mapping of their own.
template <class P>
concept Resizable = requires(P& pages) { pages.resize(std::size_t{}); };
template <class P>
concept Releasable = requires(P&& pages) { std::move(pages).release(); };
static_assert(!Resizable<ReadWrite> && !Releasable<ReadWrite>);

/// A view borrows.
template <class R>
concept Viewable = requires(R&& reservation) { std::forward<R>(reservation).untyped(); };
static_assert(Viewable<Reservation&> && !Viewable<Reservation>);

// -- address space --------------------------------------------------------------------------------

TEST(Reservation, TakesNoMemoryForATebibyte) {
    if (!probe::mapping_is_free()) {
        GTEST_SKIP() << "an emulator keeps memory of its own for each page";
    }
    // A system emulator may keep data about every page.
    const std::size_t without_notes = probe::resident_bytes();
    if (void* const by_hand = system_calls::reserve(tebibyte)) {
        system_calls::unmap(by_hand, tebibyte);
    }
    const std::size_t before = std::max(probe::resident_bytes(), without_notes);
    const std::size_t notes = before - without_notes;
    Result<Reservation> reservation = Reservation::try_new(tebibyte);
    if (!reservation) {
        GTEST_SKIP() << "no room for a tebibyte here: " << reservation.error().message();
    }
    EXPECT_EQ(reservation->size(), tebibyte);
    EXPECT_FALSE(probe::can_read(reservation->address()));
    EXPECT_FALSE(probe::can_read(reservation->address() + tebibyte - 1));
    if (probe::counts_are_ours()) {
        EXPECT_LT(probe::resident_bytes(), before + notes + (std::size_t{1} << 20));
    }
    ReadWrite last = commit(*reservation, tebibyte / page() - 1, 1);
    last[page() - 1] = 7;
    EXPECT_EQ(reservation->address()[tebibyte - 1], 7);
}

TEST(Reservation, IsNotCharged) {
    const Reservation reservation(64 * page());
    EXPECT_FALSE(probe::is_charged(reservation.address()));
    const ReadWrite range = commit(reservation, 1, 2);
    if (is_supported(Feature::commit_charge)) {
        EXPECT_TRUE(probe::is_charged(range.data()));
    }
    EXPECT_FALSE(probe::is_charged(reservation.address()));
    EXPECT_FALSE(probe::is_charged(reservation.address() + 3 * page()));
}

TEST(Reservation, RoundsItsSizeUpToWholePages) {
    EXPECT_EQ(Reservation(1).size(), page());
    EXPECT_EQ(Reservation(page() + 1).size(), 2 * page());
}

TEST(Reservation, IsAlignedAsAsked) {
    for (std::size_t alignment = 1; alignment <= (std::size_t{256} << 20); alignment *= 16) {
        const Reservation reservation(3 * page(), {.alignment = alignment});
        EXPECT_TRUE(is_multiple(reservation.address(), std::max(alignment, page())));
    }
}

TEST(Reservation, IsAtTheRequestedAddress) {
    EXPECT_TRUE(rounds::one_succeeds([bytes = 4 * allocation_granularity()] {
        std::uint8_t* const address = free_address(bytes);
        const auto reservation = Reservation::try_new(bytes, {.at = address});
        if (!reservation) {
            return false;
        }
        EXPECT_EQ(reservation->address(), address);
        ReadWrite range = commit(*reservation, 0, 1);
        range[0] = 1;
        EXPECT_EQ(address[0], 1);
        return true;
    }));
}

// Pitfall: fixed-replaces
TEST(Reservation, NeverReplacesLiveMappings) {
    const std::size_t unit = allocation_granularity();
    const Reservation first(4 * unit);
    ReadWrite range = commit(first, 0, 1);
    range[0] = 1;
    for (const std::size_t offset : {std::size_t{0}, unit, 3 * unit}) {
        const auto second = Reservation::try_new(4 * unit, {.at = first.address() + offset});
        ASSERT_FALSE(second);
        EXPECT_EQ(second.error(), std::errc::address_in_use);
    }
    EXPECT_FAILS(Reservation(unit, {.at = first.address()}), std::errc::address_in_use);
    EXPECT_EQ(range[0], 1);
}

/// Address space far from other mappings, where the system maps nothing by itself.
std::optional<Reservation> far_away() {
    constexpr std::size_t far = std::size_t{1} << 36;
    const Reservation here(page());
    for (std::size_t i = 1; i < 64; ++i) {
        for (const std::uintptr_t address :
             {reinterpret_cast<std::uintptr_t>(here.address()) - i * far,
              reinterpret_cast<std::uintptr_t>(here.address()) + i * far}) {
            auto there = Reservation::try_new(page(), {.at = std::bit_cast<void*>(address)});
            if (there) {
                return std::move(*there);
            }
        }
    }
    return std::nullopt;
}

// Pitfall: code-out-of-reach
TEST(Reservation, IsNearTheRequestedAddress) {
    constexpr std::size_t reach = std::size_t{1} << 31;
    const std::optional<Reservation> there = far_away();
    ASSERT_TRUE(there);
    std::vector<Reservation> found;
    for (int i = 0; i < 20; ++i) {
        found.emplace_back(std::size_t{1} << 20, ReservationOptions{.near_to = there->address()});
        const std::ptrdiff_t distance = found.back().address() - there->address();
        EXPECT_LT(distance, static_cast<std::ptrdiff_t>(reach));
        EXPECT_GT(distance, -static_cast<std::ptrdiff_t>(reach));
    }
    const Reservation aligned(page(),
                              {.alignment = std::size_t{1} << 21, .near_to = there->address()});
    EXPECT_TRUE(is_multiple(aligned.address(), std::size_t{1} << 21));
}

TEST(Reservation, UsesTheOnlyGapNearTheRequestedAddress) {
    constexpr std::size_t mib = std::size_t{1} << 20;
    constexpr std::size_t half = 3072 * mib;
    if (!Reservation::try_new(2 * half)) {
        GTEST_SKIP() << "no such run of addresses";
    }
    for (const std::size_t place : {half - 500 * mib, half + 33 * mib}) {
        EXPECT_TRUE(rounds::one_succeeds([place] {
            std::uint8_t* const base = free_address(2 * half);
            const auto before = Reservation::try_new(place, {.at = base});
            const auto behind =
                Reservation::try_new(2 * half - place - mib, {.at = base + place + mib});
            const auto near = Reservation::try_new(mib / 4, {.near_to = base + half});
            return before && behind && near && near->address() >= base + place &&
                   near->address() < base + place + mib;
        }));
    }
}

TEST(Reservation, IsAdjacentToOthersNearTheSameAddress) {
    const std::optional<Reservation> there = far_away();
    ASSERT_TRUE(there);
    constexpr std::size_t mib = std::size_t{1} << 20;
    std::vector<Reservation> found;
    for (int i = 0; i < 20; ++i) {
        found.emplace_back(mib, ReservationOptions{.near_to = there->address()});
    }
    std::array<std::uint8_t*, 20> places{};
    std::ranges::transform(found, places.begin(), &Reservation::address);
    const auto [first, last] = std::ranges::minmax(places);
    EXPECT_LE(last - first, static_cast<std::ptrdiff_t>(21 * mib));
}

TEST(Reservation, RefusesInvalidArguments) {
    const auto code = [](std::size_t bytes, ReservationOptions options) {
        return Reservation::try_new(bytes, options).error();
    };
    static int somewhere = 0;
    EXPECT_EQ(code(0, {}), std::errc::invalid_argument);
    EXPECT_EQ(code(page(), {.alignment = 3}), std::errc::invalid_argument);
    EXPECT_EQ(code(page(), {.at = reinterpret_cast<std::byte*>(&somewhere) + 1}),
              std::errc::invalid_argument);
    const Reservation reservation(page());
    EXPECT_EQ(code(page(), {.near_to = &somewhere, .at = reservation.address()}),
              std::errc::invalid_argument);
    EXPECT_EQ(code(std::numeric_limits<std::size_t>::max(), {}), std::errc::not_enough_memory);
    EXPECT_EQ(code(std::size_t{1} << 62, {}), std::errc::not_enough_memory);
    EXPECT_FAILS(Reservation(0), std::errc::invalid_argument);
    EXPECT_FAILS_SAYING(Reservation(std::size_t{1} << 62),
                        testing::HasSubstr("Reservation(4611686018427387904 bytes)"));
}

TEST(Reservation, MovesWithoutMovingItsRanges) {
    Reservation first(16 * page());
    std::uint8_t* const address = first.address();
    ReadWrite range = commit(first, 3, 1);
    range[0] = 9;
    Reservation second = std::move(first);
    EXPECT_EQ(first.size(), 0U);  // NOLINT(bugprone-use-after-move): it may be asked
    EXPECT_EQ(second.address(), address);
    EXPECT_EQ(second.ranges(), 1U);
    EXPECT_EQ(second.offset_of(range), 3 * page());
    EXPECT_EQ(range[0], 9);
    first = Reservation(page());
    swap(first, second);
    EXPECT_EQ(first.address(), address);
    EXPECT_EQ(second.size(), page());
}

TEST(Reservation, LeavesNothingMapped) {
    EXPECT_TRUE(rounds::one_succeeds([bytes = 16 * allocation_granularity()] {
        std::uint8_t* address = nullptr;
        {
            const Reservation reservation(bytes);
            address = reservation.address();
            (void)commit(reservation, 0, 2);
            ReadWrite range = commit(reservation, 4, 2);
            range[0] = 7;
            EXPECT_TRUE(probe::holds(address + 4 * page(), 7));
        }
        EXPECT_FALSE(probe::holds(address + 4 * page(), 7));
        return Reservation::try_new(bytes, {.at = address}).has_value();
    }));
}

// -- ranges ---------------------------------------------------------------------------------------

TEST(PageRange, IsUsableAndItsNeighboursFault) {
    const Reservation reservation(10 * page());
    ReadWrite range = commit(reservation, 3, 2);
    EXPECT_EQ(range.size(), 2 * page());
    EXPECT_EQ(range.data(), reservation.address() + 3 * page());
    EXPECT_TRUE(reads_zero(range.bytes()));
    std::ranges::fill(range.bytes(), std::uint8_t{5});
    EXPECT_FALSE(probe::can_read(range.data() - 1));
    EXPECT_FALSE(probe::can_read(range.data() + range.size()));
}

TEST(PageRange, HasThePermissionsOfItsType) {
    const Reservation reservation(10 * page());
    const auto nothing = reservation.commit<DenyRead, DenyWrite>(0, page());
    const auto read_only = reservation.commit<AllowRead, DenyWrite>(page(), page());
    EXPECT_FALSE(probe::can_read(reservation.address()));
    EXPECT_TRUE(probe::can_read(reservation.address() + page()));
    EXPECT_FALSE(probe::can_write(reservation.address() + page()));
    EXPECT_TRUE(reads_zero(read_only.bytes()));
}

TEST(PageRange, ChangesPermissionsByConsumingTransitions) {
    const Reservation reservation(4 * page());
    ReadWrite range = commit(reservation, 1, 2);
    range[7] = 3;
    ReadOnly frozen = std::move(range).deny_write();
    EXPECT_FALSE(probe::can_write(reservation.address() + page()));
    EXPECT_EQ(frozen[7], 3);
    EXPECT_EQ(reservation.ranges(), 1U);
    range = std::move(frozen).allow_write();
    range[7] = 4;
    EXPECT_EQ(reservation.offset_of(range), page());
}

TEST(PageRange, RunsCode) {
    const Reservation reservation(4 * page());
    ReadWrite range = commit(reservation, 1, 1);
    range.write_at(0, machine_code::add());
    const auto code = std::move(range).set_protected_exec();
    EXPECT_EQ(code.get_fn<std::uint64_t(std::uint64_t, std::uint64_t)>()(43, 34), 77U);
}

TEST(PageRange, ReadsZeroWhenCommittedAgain) {
    const Reservation reservation(8 * page());
    for (int round = 0; round < 3; ++round) {
        ReadWrite range = commit(reservation, 2, 4);
        EXPECT_TRUE(reads_zero(range.bytes()));
        std::ranges::fill(range.bytes(), std::uint8_t{5});
        const ReadWrite taken = std::move(range);
        EXPECT_EQ(reservation.ranges(), 1U);
    }
    EXPECT_EQ(reservation.ranges(), 0U);
    EXPECT_FALSE(probe::can_read(reservation.address() + 2 * page()));
    EXPECT_FALSE(probe::is_charged(reservation.address() + 2 * page()));
}

TEST(PageRange, FreesItsMemoryAtItsEnd) {
    const std::size_t count = 256;
    const Reservation reservation(count * page());
    std::optional<ReadWrite> range = commit(reservation, 0, count);
    std::ranges::fill(range->bytes(), std::uint8_t{5});
    EXPECT_EQ(probe::resident_bytes(reservation.address(), count * page()), count * page());
    range.reset();
    EXPECT_EQ(probe::resident_bytes(reservation.address(), count * page()), 0U);
}

// Pitfall: two-commits
TEST(PageRange, NeverOverlapsALiveRange) {
    const Reservation reservation(100 * page());
    const ReadWrite range = commit(reservation, 10, 10);
    const auto code = [&](std::size_t first, std::size_t count) {
        return refusal(reservation, first * page(), count * page());
    };
    for (const auto& [first, count] : std::array<std::pair<std::size_t, std::size_t>, 7>{
             {{10, 10}, {9, 2}, {19, 1}, {19, 50}, {0, 11}, {0, 100}, {12, 3}}}) {
        EXPECT_EQ(code(first, count), std::errc::invalid_argument) << first << ' ' << count;
    }
    EXPECT_EQ(code(0, 10), std::error_code());
    EXPECT_EQ(code(20, 80), std::error_code());
    EXPECT_FAILS(commit(reservation, 15, 1), std::errc::invalid_argument);
    EXPECT_EQ(reservation.ranges(), 1U);
}

TEST(PageRange, MustBeWholePagesWithinItsReservation) {
    const Reservation reservation(10 * page());
    constexpr std::size_t most = std::numeric_limits<std::size_t>::max();
    for (const auto& [offset, bytes] :
         std::array<std::pair<std::size_t, std::size_t>, 8>{{{0, 0},
                                                             {1, page()},
                                                             {0, page() - 1},
                                                             {0, 11 * page()},
                                                             {10 * page(), page()},
                                                             {page(), most - page() + 1},
                                                             {most - page() + 1, 2 * page()},
                                                             {most, most}}}) {
        EXPECT_EQ(refusal(reservation, offset, bytes), std::errc::invalid_argument)
            << offset << ' ' << bytes;
    }
    EXPECT_EQ(reservation.ranges(), 0U);
}

TEST(PageRange, SplitsAndJoins) {
    const Reservation reservation(10 * page());
    ReadWrite range = commit(reservation, 1, 6);
    range[0] = 1;
    range[2 * page()] = 2;
    auto [front, behind] = std::move(range).split_at(2 * page());
    EXPECT_EQ(front.size(), 2 * page());
    EXPECT_EQ(behind.size(), 4 * page());
    EXPECT_EQ(reservation.ranges(), 2U);
    const ReadOnly frozen = std::move(front).deny_write();
    behind[1] = 3;
    EXPECT_EQ(frozen[0], 1);
    auto [middle, last] = std::move(behind).split_at(page());
    EXPECT_EQ(reservation.offset_of(last), 4 * page());
    ReadWrite joined = std::move(middle).join(std::move(last));
    EXPECT_EQ(joined.size(), 4 * page());
    EXPECT_EQ(joined[0], 2);
    EXPECT_EQ(joined[1], 3);
    EXPECT_EQ(reservation.ranges(), 2U);
}

TEST(PageRange, JoinsANeighbourCommittedSeparately) {
    const Reservation reservation(10 * page());
    ReadWrite range = commit(reservation, 0, 1);
    for (std::size_t i = 1; i < 10; ++i) {
        range[range.size() - 1] = static_cast<std::uint8_t>(i);
        range = std::move(range).join(commit(reservation, i, 1));
    }
    EXPECT_EQ(range.size(), 10 * page());
    EXPECT_EQ(reservation.ranges(), 1U);
    for (std::size_t i = 1; i < 10; ++i) {
        EXPECT_EQ(range[i * page() - 1], i);
    }
}

TEST(PageRange, RefusesToJoinPagesThatAreNotAdjacent) {
    const Reservation reservation(10 * page());
    ReadWrite first = commit(reservation, 0, 1);
    auto done = std::move(first).try_join(commit(reservation, 2, 1));
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().error, std::errc::invalid_argument);
    auto& [one, other] = done.error().pages;
    EXPECT_EQ(reservation.offset_of(one), 0U);
    EXPECT_EQ(reservation.offset_of(other), 2 * page());
    EXPECT_FAILS(std::move(other).join(std::move(one)), std::errc::invalid_argument);

    // Neighbours by chance.
    EXPECT_TRUE(rounds::one_succeeds([unit = allocation_granularity()] {
        std::uint8_t* const address = free_address(2 * unit);
        const auto left = Reservation::try_new(unit, {.at = address});
        const auto right = Reservation::try_new(unit, {.at = address + unit});
        if (!left || !right) {
            return false;
        }
        ReadWrite of_left = left->commit<AllowRead, AllowWrite>(0, unit);
        EXPECT_FALSE(std::move(of_left).try_join(right->commit<AllowRead, AllowWrite>(0, unit)));
        return true;
    }));
}

TEST(PageRange, HasTheVerbsOfPages) {
    const std::size_t count = 64;
    const Reservation reservation((count + 2) * page());
    ReadWrite range = commit(reservation, 1, count);
    range.populate();
    std::ranges::fill(range.bytes(), std::uint8_t{5});
    range.advise_use_seq();
    range.decommit(0, (count / 2) * page());
    EXPECT_EQ(probe::resident_bytes(range.data(), (count / 2) * page()), 0U);
    range.zero();
    EXPECT_TRUE(reads_zero(range.bytes()));
    range.as<std::uint32_t>()[1] = 7;
    range.discard();
    EXPECT_FALSE(probe::can_read(range.data() - 1));
    EXPECT_FALSE(probe::can_read(range.data() + range.size()));
}

TEST(PageRange, CanBeSwappedAndAssigned) {
    const Reservation reservation(4 * page());
    ReadWrite a = commit(reservation, 0, 1);
    ReadWrite b = commit(reservation, 1, 2);
    swap(a, b);
    EXPECT_EQ(a.size(), 2 * page());
    a = std::move(b);
    EXPECT_EQ(reservation.ranges(), 1U);
    EXPECT_EQ(reservation.offset_of(a), 0U);
    EXPECT_FALSE(probe::can_read(reservation.address() + page()));
}

// Pitfall: address-space-lock
TEST(PageRange, CanBeCommittedByManyThreadsAtOnce) {
    constexpr std::size_t threads = 4;
    constexpr std::size_t pages_each = 37;  // Neighbours share words of the tracking.
    constexpr int rounds = 200;
    const Reservation reservation(threads * pages_each * page());
    std::atomic<int> dirty = 0;
    in_threads(threads, [&](std::size_t t) {
        for (int round = 0; round < rounds; ++round) {
            const std::size_t count = 1 + static_cast<std::size_t>(round) % (pages_each - 1);
            ReadWrite range = commit(reservation, t * pages_each, count);
            dirty += reads_zero(range.bytes()) ? 0 : 1;
            std::ranges::fill(range.bytes(), static_cast<std::uint8_t>(t + 1));
        }
    });
    EXPECT_EQ(dirty, 0);
    EXPECT_EQ(reservation.ranges(), 0U);
}

// Pitfall: two-commits
TEST(PageRange, IsGivenToOneOfCompetingThreads) {
    constexpr std::size_t threads = 4;
    const Reservation reservation(256 * page());
    for (int round = 0; round < 50; ++round) {
        std::atomic<int> won = 0;
        std::vector<std::optional<ReadWrite>> ranges(threads);
        in_threads(threads, [&](std::size_t t) {
            auto range =
                reservation.try_commit<AllowRead, AllowWrite>(60 * page(), (10 + t) * page());
            if (range) {
                ranges[t] = std::move(*range);
                ++won;
            }
        });
        EXPECT_LE(won, 1);
    }
}

// Pitfall: free-beside-readers
TEST(PageRange, IsReadableWhileItsNeighboursEnd) {
    constexpr std::size_t count = 8;
    const Reservation reservation(3 * count * page());
    ReadWrite middle = commit(reservation, count, count);
    std::ranges::fill(middle.bytes(), std::uint8_t{5});
    const ReadWrite& read = middle;
    std::atomic<bool> is_over = false;
    std::atomic<std::size_t> wrong = 0;
    in_threads(3, [&](std::size_t t) {
        if (t == 0) {
            while (!is_over) {
                wrong +=
                    std::ranges::count(read.bytes(), 5) == static_cast<std::ptrdiff_t>(read.size())
                        ? 0U
                        : 1U;
            }
            return;
        }
        for (int round = 0; round < 100; ++round) {
            ReadWrite range = commit(reservation, t == 1 ? 0 : 2 * count, count);
            std::ranges::fill(range.bytes(), std::uint8_t{6});
            range.decommit();
            const ReadOnly frozen = std::move(range).deny_write();
            wrong += frozen.size() == count * page() ? 0U : 1U;
        }
        is_over = true;
    });
    EXPECT_EQ(wrong, 0U);
}

TEST(Reservation, AllocatesTrackingMemoryForATebibyteInSteps) {
    if (!probe::counts_are_ours()) {
        GTEST_SKIP() << "counts are not ours";
    }
    constexpr std::size_t bytes = std::size_t{1} << 40;
    const Reservation reservation(bytes);
    const std::size_t before = probe::address_space_bytes();
    const auto range = reservation.commit<AllowRead, AllowWrite>(0, page());
    EXPECT_LT(probe::address_space_bytes(), before + bytes / page() / 64 * 3 / 2);
}

// -- untyped --------------------------------------------------------------------------------------

TEST(UntypedReservation, CommitsProtectsAndUncommitsByOffset) {
    const Reservation reservation(10 * page());
    const UntypedReservation untyped = reservation.untyped();
    std::uint8_t* const address = reservation.address();
    untyped.commit<AllowRead, AllowWrite>(page(), 4 * page());
    EXPECT_TRUE(reads_zero({address + page(), 4 * page()}));
    address[page()] = 5;
    untyped.protect<AllowRead, DenyWrite>(page(), 2 * page());
    EXPECT_FALSE(probe::can_write(address + page()));
    EXPECT_TRUE(probe::can_write(address + 3 * page()));
    EXPECT_EQ(address[page()], 5);
    untyped.uncommit(page(), 4 * page());
    EXPECT_FALSE(probe::can_read(address + page()));
    untyped.commit<AllowRead, DenyWrite>(page(), page());
    EXPECT_EQ(address[page()], 0);
}

TEST(UntypedReservation, PublishesCodeBeforeItBecomesExecutable) {
    const Reservation reservation(2 * page());
    const UntypedReservation untyped = reservation.untyped();
    untyped.commit<AllowRead, AllowWrite>(0, page());
    std::ranges::copy(machine_code::add(), reservation.address());
    untyped.protect<AllowRead, DenyWrite, AllowExec>(0, page());
    auto* const add =
        reinterpret_cast<std::uint64_t (*)(std::uint64_t, std::uint64_t)>(reservation.address());
    EXPECT_EQ((FnRef<std::uint64_t(std::uint64_t, std::uint64_t)>(add, nullptr)(43, 34)), 77U);
}

// Pitfall: two-commits
TEST(UntypedReservation, RefusesCallsOnLiveRanges) {
    const Reservation reservation(10 * page());
    const UntypedReservation untyped = reservation.untyped();
    ReadWrite range = commit(reservation, 2, 2);
    range[0] = 5;
    EXPECT_EQ((untyped.try_commit<AllowRead, AllowWrite>(page(), 2 * page()).error()),
              std::errc::invalid_argument);
    EXPECT_EQ(untyped.try_uncommit(3 * page(), page()).error(), std::errc::invalid_argument);
    EXPECT_EQ((untyped.try_protect<AllowRead, DenyWrite>(2 * page(), page()).error()),
              std::errc::invalid_argument);
    EXPECT_FAILS(untyped.uncommit(3 * page(), page()), std::errc::invalid_argument);
    EXPECT_EQ(range[0], 5);
    untyped.commit<AllowRead, AllowWrite>(4 * page(), page());
}

TEST(UntypedReservation, GivesMemoryBackInPlace) {
    constexpr std::size_t count = 40;  // More than `zero` only clears.
    const Reservation reservation(count * page());
    const UntypedReservation untyped = reservation.untyped();
    std::uint8_t* const address = reservation.address();
    const std::span<std::uint8_t> middle(address + page(), (count - 2) * page());
    untyped.commit<AllowRead, AllowWrite>(0, count * page());
    std::memset(address, 5, count * page());
    untyped.decommit(page(), middle.size());
    EXPECT_EQ(probe::resident_bytes(address, count * page()), 2 * page());
    std::memset(middle.data(), 6, middle.size());
    untyped.discard(page(), middle.size());
    std::memset(middle.data(), 6, middle.size());
    EXPECT_EQ(middle.back(), 6);
    untyped.zero(page(), middle.size());
    EXPECT_TRUE(reads_zero(middle));
    untyped.advise(Advice::random, page(), middle.size());
    untyped.populate(page(), middle.size());
    EXPECT_TRUE(reads_zero(middle));
    EXPECT_EQ(probe::resident_bytes(address, count * page()), count * page());
    EXPECT_EQ(address[0], 5);
    EXPECT_EQ(address[count * page() - 1], 5);
}

TEST(UntypedReservation, RefusesVerbsOnPagesThatItHasNotCommitted) {
    const Reservation reservation(10 * page());
    const UntypedReservation untyped = reservation.untyped();
    untyped.commit<AllowRead, AllowWrite>(page(), page());
    const ReadWrite range = commit(reservation, 4, 1);
    for (const std::size_t offset : {std::size_t{0}, 2 * page(), 4 * page()}) {
        for (const std::size_t bytes : {page(), 2 * page()}) {
            for (const Result<void>& refused :
                 {untyped.try_protect<AllowRead, DenyWrite>(offset, bytes),
                  untyped.try_decommit(offset, bytes), untyped.try_discard(offset, bytes),
                  untyped.try_zero(offset, bytes), untyped.try_populate(offset, bytes),
                  untyped.try_advise(Advice::random, offset, bytes),
                  untyped.try_set_huge_pages(HugePages::never, offset, bytes),
                  untyped.try_collapse(offset, bytes), untyped.try_publish(offset, bytes),
                  untyped.try_publish(offset + 1, bytes - 2)}) {
                EXPECT_EQ(refused.error(), std::errc::invalid_argument);
            }
        }
    }
    EXPECT_EQ(untyped.try_populate(page(), page(), Access::none).error(),
              std::errc::invalid_argument);
    EXPECT_FAILS(untyped.decommit(0, page()), std::errc::invalid_argument);
    EXPECT_FAILS(untyped.discard(0, page()), std::errc::invalid_argument);
    EXPECT_FAILS(untyped.zero(0, page()), std::errc::invalid_argument);
    EXPECT_FAILS(untyped.populate(0, page()), std::errc::invalid_argument);
    EXPECT_FAILS(untyped.advise(Advice::random, 0, page()), std::errc::invalid_argument);
    EXPECT_FAILS(untyped.set_huge_pages(HugePages::never, 0, page()), std::errc::invalid_argument);
    EXPECT_FAILS(untyped.collapse(0, page()), std::errc::invalid_argument);
    EXPECT_FAILS(untyped.publish(0, page()), std::errc::invalid_argument);
    EXPECT_FAILS(untyped.publish(10 * page(), 1), std::errc::invalid_argument);
    EXPECT_EQ(untyped.try_set_huge_pages(HugePages::require, page(), page()).error(),
              std::errc::invalid_argument);
}

TEST(UntypedReservation, TakesAPolicyForHugePages) {
    const std::size_t bytes = 2 * std::max(huge_page_size(), page());
    const Reservation reservation(bytes, {.alignment = bytes});
    const UntypedReservation untyped = reservation.untyped();
    untyped.commit<AllowRead, AllowWrite>(0, bytes);
    untyped.set_huge_pages(HugePages::never, 0, bytes);
    untyped.set_huge_pages(HugePages::prefer, 0, bytes);
    std::memset(reservation.address(), 5, bytes);
    const Result<void> collapsed = untyped.try_collapse(0, bytes);
    if (collapsed) {
        EXPECT_TRUE(is_supported(Feature::collapsing));
    }
    EXPECT_TRUE(std::ranges::all_of(std::span(reservation.address(), bytes),
                                    [](std::uint8_t byte) { return byte == 5; }));
}

TEST(UntypedReservation, TakesOnlyWholePagesOfItsReservation) {
    const Reservation reservation(10 * page());
    const UntypedReservation untyped = reservation.untyped();
    constexpr std::size_t most = std::numeric_limits<std::size_t>::max();
    for (const auto& [offset, bytes] :
         std::array<std::pair<std::size_t, std::size_t>, 5>{{{0, 0},
                                                             {1, page()},
                                                             {0, 11 * page()},
                                                             {most - page() + 1, page()},
                                                             {page(), most}}}) {
        EXPECT_EQ((untyped.try_commit<AllowRead, AllowWrite>(offset, bytes).error()),
                  std::errc::invalid_argument);
        EXPECT_EQ(untyped.try_uncommit(offset, bytes).error(), std::errc::invalid_argument);
        EXPECT_EQ(untyped.try_decommit(offset, bytes).error(), std::errc::invalid_argument);
        EXPECT_EQ((untyped.try_protect<AllowRead, AllowWrite>(offset, bytes).error()),
                  std::errc::invalid_argument);
    }
}

// -- contracts ------------------------------------------------------------------------------------

using checks::BorrowCheck;
using checks::Contract;

// Pitfall: reservation-ends-early
TEST_F(Contract, ReservationMustOutliveItsRanges) {
    std::optional<Reservation> reservation(std::in_place, 16 * page());
    const auto first = reservation->commit<AllowRead, AllowWrite>(0, page());
    EXPECT_DEATH(reservation.reset(), "memory_pages: Reservation: ended under living ranges: 1");
    const auto second = reservation->commit<AllowRead, DenyWrite>(page(), page());
    EXPECT_DEATH(*reservation = Reservation(page()), "ended under living ranges: 2");
}

TEST_F(Contract, MovedFromReservationCannotBeUsed) {
    Reservation reservation(page());
    const Reservation& same = reservation;
    {
        const Reservation taken(std::move(reservation));
    }
    EXPECT_DEATH((void)same.address(), "Reservation::address: the reservation was moved from");
    EXPECT_DEATH((void)same.ranges(), "Reservation::ranges: the reservation was moved from");
    EXPECT_DEATH((void)same.untyped(), "Reservation::untyped: the reservation was moved from");
    EXPECT_DEATH((void)(same.try_commit<AllowRead, AllowWrite>(0, page())),
                 "Reservation::commit: the reservation was moved from");
}

TEST_F(Contract, OffsetOfNeedsARangeOfThisReservation) {
    const Reservation one(page());
    const Reservation other(page());
    const auto range = one.commit<AllowRead, AllowWrite>(0, page());
    EXPECT_DEATH((void)other.offset_of(range), "the range is not of this reservation");
}

// Pitfall: reservation-ends-early
TEST(UncheckedContract, ReservationKeepsItsAddressesUntilItsLastRangeEnds) {
    if (detail::check_level != detail::CheckLevel::off) {
        GTEST_SKIP() << "built with contract checks, which stop such a program";
    }
    EXPECT_TRUE(rounds::one_succeeds([] {
        std::optional<Reservation> reservation(std::in_place, 16 * page());
        std::uint8_t* const address = reservation->address();
        std::optional range(reservation->commit<AllowRead, AllowWrite>(page(), page()));
        reservation.reset();
        (*range)[0] = 5;
        EXPECT_FALSE(Reservation::try_new(16 * page(), {.at = address}));
        EXPECT_EQ((*range)[0], 5);
        range.reset();
        return Reservation::try_new(16 * page(), {.at = address}).has_value();
    }));
}

TEST_F(BorrowCheck, StopsEndSplitAndJoinOfRanges) {
    const Reservation reservation(4 * page());
    std::optional one(reservation.commit<AllowRead, AllowWrite>(0, 2 * page()));
    auto other = reservation.commit<AllowRead, AllowWrite>(2 * page(), page());
    one->write([&](auto) {
        EXPECT_DEATH(one.reset(), "memory_pages: PageRange::~PageRange: ");
        EXPECT_DEATH((void)std::move(*one).split_at(page()), "memory_pages: PageRange::split_at: ");
        EXPECT_DEATH((void)std::move(*one).join(std::move(other)),
                     "memory_pages: PageRange::join: ");
    });
    other.read([&](auto) {
        EXPECT_DEATH((void)std::move(*one).join(std::move(other)),
                     "memory_pages: PageRange::join: ");
    });
}

}  // namespace
}  // namespace memory_pages
