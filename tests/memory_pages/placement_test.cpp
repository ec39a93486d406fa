// SPDX-License-Identifier: MIT
#include <memory_pages/memory_pages.hpp>
#include <memory_pages/placement.hpp>
#include <memory_pages/untyped.hpp>

#include "support/fails.hpp"
#include "support/probe.hpp"
#include "support/rounds.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

using namespace memory_pages;

using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;

constexpr std::size_t mib = std::size_t{1} << 20;
constexpr std::size_t gib = std::size_t{1} << 30;

/// The unit of addresses that can be chosen.
std::size_t unit() { return allocation_granularity(); }

std::uintptr_t number_of(const void* address) { return reinterpret_cast<std::uintptr_t>(address); }

void* pointer_to(std::uintptr_t address) {
    return reinterpret_cast<void*>(address);  // NOLINT(performance-no-int-to-ptr)
}

/// Addresses that were free a moment ago, at a multiple of `unit()`. Another thread may take them.
std::uintptr_t free_addresses(std::size_t bytes) {
    const Reservation gone(bytes);
    return number_of(gone.address());
}

/// The distance of the furthest end of pages.
std::size_t distance(const void* pages, std::size_t bytes, std::uintptr_t from) {
    const std::uintptr_t first = number_of(pages);
    const std::uintptr_t end = first + bytes;
    return std::max(first < from ? from - first : 0, end > from ? end - from : 0);
}

bool lies_within(const void* pages, std::size_t bytes, AddressRange range) {
    const std::uintptr_t first = number_of(pages);
    return first >= range.low && first < range.high && bytes <= range.high - first;
}

int some_function(int value) { return value; }
int function_without_exceptions(int value) noexcept { return value; }

std::error_code error_of(const auto& result) { return result ? std::error_code() : result.error(); }

// -- addresses ------------------------------------------------------------------------------------

static_assert(std::is_convertible_v<const int*, Address>);
static_assert(std::is_convertible_v<volatile int*, Address>);
static_assert(std::is_convertible_v<void (*)(), Address>);
static_assert(!std::is_convertible_v<std::uintptr_t, Address>);
static_assert(Address().number() == 0 && Address(nullptr) == Address());

TEST(Address, IsMadeFromObjectsAndFunctions) {
    static const int object = 1;
    EXPECT_EQ(Address(&object).number(), number_of(&object));
    EXPECT_EQ(Address(some_function).number(), reinterpret_cast<std::uintptr_t>(&some_function));
    EXPECT_NE(Address(function_without_exceptions), Address());
    EXPECT_NE(Address(some_function), Address(function_without_exceptions));
}

// -- near an address ------------------------------------------------------------------------------

// Pitfall: code-out-of-reach
TEST(Placement, IsWithinReachOfAFunction) {
    constexpr std::size_t reach = 2 * gib - 1;
    const std::uintptr_t function = Address(some_function).number();
    for (const std::size_t bytes : {unit(), 16 * mib}) {
        const Reservation reservation(bytes, {.near_to = some_function, .reach = reach});
        EXPECT_LE(distance(reservation.address(), bytes, function), reach);
        const ReadWrite pages(bytes, {}, {.near_to = some_function, .reach = reach});
        EXPECT_LE(distance(pages.data(), bytes, function), reach);
    }
}

TEST(Placement, IsTheAddressItselfIfThatIsFree) {
    EXPECT_TRUE(rounds::one_succeeds([] {
        const std::uintptr_t wanted = free_addresses(64 * unit()) + 7 * unit();
        const auto there = Reservation::try_new(unit(), {.near_to = pointer_to(wanted)});
        return there && number_of(there->address()) == wanted;
    }));
}

TEST(Placement, IsRefusedWhenNothingIsFreeWithinReach) {
    const Reservation there(64 * unit());
    const std::uintptr_t middle = number_of(there.address()) + 32 * unit();
    for (const std::size_t reach : {std::size_t{1}, unit(), 31 * unit()}) {
        const Placement close{.near_to = pointer_to(middle), .reach = reach};
        EXPECT_EQ(
            error_of(Reservation::try_new(unit(), {.near_to = pointer_to(middle), .reach = reach})),
            std::errc::address_not_available);
        EXPECT_EQ(error_of(ReadWrite::try_new(unit(), {}, close)),
                  std::errc::address_not_available);
    }
    const Reservation beside(unit(), {.near_to = pointer_to(middle)});
    EXPECT_GE(distance(beside.address(), unit(), middle), 32 * unit()) << "without a reach";
}

TEST(Placement, IsFoundAtTheEndOfTheAddressSpace) {
    std::uintptr_t end = 0;
    for (const Region& region : regions()) {
        const std::uintptr_t behind = number_of(region.address) + region.size;
        end = behind < std::uintptr_t{1} << 62 ? behind : end;
    }
    constexpr std::size_t reach = std::size_t{1} << 40;
    const Reservation last(unit(), {.near_to = pointer_to(end), .reach = reach});
    EXPECT_LE(distance(last.address(), unit(), end), reach);
}

TEST(Placement, IsRefusedAtAddressesThatProgramsDoNotHave) {
    const std::uintptr_t far = std::uintptr_t{1} << 62;
    EXPECT_EQ(error_of(Reservation::try_new(unit(), {.near_to = pointer_to(far), .reach = gib})),
              std::errc::address_not_available);
    EXPECT_EQ(error_of(Reservation::try_new(unit(), {.within = {far, far + gib}})),
              std::errc::address_not_available);
    EXPECT_EQ(error_of(Reservation::try_new(unit(), {.at = pointer_to(far)})),
              std::errc::address_in_use);
    EXPECT_TRUE(Reservation::try_new(unit(), {.near_to = pointer_to(far)})) << "anywhere";
}

// -- within addresses -----------------------------------------------------------------------------

/// Below 4 GiB, where macOS on arm64 has no addresses.
bool is_any_below_4_gib() {
    return Reservation::try_new(unit(), {.within = {0, 4 * gib}}).has_value();
}

TEST(Placement, LiesBelow4GiB) {
    if (!is_any_below_4_gib()) {
        GTEST_SKIP() << "this system has no addresses below 4 GiB";
    }
    constexpr AddressRange low{0, 4 * gib};
    std::vector<ReadWrite> all;
    for (int i = 0; i < 20; ++i) {
        ReadWrite& pages = all.emplace_back(mib, PageOptions{}, Placement{.within = low});
        EXPECT_TRUE(lies_within(pages.data(), mib, low));
        pages[mib - 1] = 1;
    }
    const ReadWrite aligned(mib, {.alignment = 4 * mib}, {.within = low});
    EXPECT_EQ(number_of(aligned.data()) % (4 * mib), 0U);
    EXPECT_TRUE(lies_within(aligned.data(), mib, low));
}

TEST(Placement, FindsTheOnlyGap) {
    for (const std::size_t place : {std::size_t{0}, std::size_t{13}, std::size_t{31}}) {
        EXPECT_TRUE(rounds::one_succeeds([place] {
            const std::uintptr_t base = free_addresses(32 * unit());
            const AddressRange range{base, base + 32 * unit()};
            const std::uintptr_t gap = base + place * unit();
            std::vector<Reservation> taken;
            for (std::uintptr_t at = base; at != range.high; at += unit()) {
                if (at == gap) {
                    continue;
                }
                auto there = Reservation::try_new(unit(), {.at = pointer_to(at)});
                if (!there) {
                    return false;
                }
                taken.push_back(std::move(*there));
            }
            const auto two = Reservation::try_new(2 * unit(), {.within = range});
            EXPECT_EQ(error_of(two), std::errc::address_not_available);
            for (const Address near : {Address(), Address(pointer_to(base)),
                                       Address(pointer_to(range.high)), Address(some_function)}) {
                const auto found = Reservation::try_new(unit(), {.near_to = near, .within = range});
                if (!found || number_of(found->address()) != gap) {
                    return false;
                }
            }
            return true;
        }));
    }
}

TEST(Placement, IsAdjacentToTheLastWithinTheSameAddresses) {
    EXPECT_TRUE(rounds::one_succeeds([] {
        const std::uintptr_t base = free_addresses(64 * unit());
        std::vector<Reservation> all;
        for (std::size_t i = 0; i < 16; ++i) {
            auto next = Reservation::try_new(2 * unit(), {.within = {base, base + 64 * unit()}});
            if (!next || number_of(next->address()) != base + i * 2 * unit()) {
                return false;
            }
            all.push_back(std::move(*next));
        }
        return true;
    }));
}

TEST(Placement, IsRefusedWhenTheAddressesAreTooFew) {
    const std::uintptr_t base = free_addresses(8 * unit());
    EXPECT_EQ(error_of(Reservation::try_new(9 * unit(), {.within = {base, base + 8 * unit()}})),
              std::errc::address_not_available);
    EXPECT_EQ(error_of(Reservation::try_new(unit(), {.within = {base, base + unit() - 1}})),
              std::errc::address_not_available);
    EXPECT_EQ(error_of(Reservation::try_new(unit(), {.within = {1, unit()}})),
              std::errc::address_not_available);
}

// -- pages ----------------------------------------------------------------------------------------

TEST(PlacedPages, ReadZeroAndResizeLikeOthers) {
    ReadWrite pages(4 * unit(), {.populate = true},
                    {.near_to = some_function, .reach = 2 * gib - 1});
    EXPECT_EQ(resident_bytes(pages.data(), pages.size()), pages.size());
    EXPECT_TRUE(std::ranges::all_of(pages.bytes(), [](std::uint8_t byte) { return byte == 0; }));
    pages[1] = 7;
    pages.resize(64 * unit());
    EXPECT_EQ(pages[1], 7);
    pages.decommit();
    pages.resize(unit());
    const auto frozen = std::move(pages).deny_write();
    EXPECT_FALSE(probe::can_write(const_cast<std::uint8_t*>(frozen.data())));
}

TEST(PlacedPages, HaveThePermissionsOfTheirType) {
    const Placement near{.near_to = some_function};
    const Pages<AllowRead, DenyWrite, DenyExec> readable(1, {}, near);
    EXPECT_TRUE(probe::can_read(readable.data()));
    EXPECT_FALSE(probe::can_write(const_cast<std::uint8_t*>(readable.data())));
    const Pages<DenyRead, DenyWrite, DenyExec> closed(1, {}, near);
    EXPECT_FALSE(probe::can_read(closed.address()));
}

TEST(PlacedPages, ReplaceNothing) {
    ReadWrite there(unit());
    there[0] = 3;
    EXPECT_EQ(error_of(ReadWrite::try_new(unit(), {}, {.at = there.data()})),
              std::errc::address_in_use);
    EXPECT_EQ(there[0], 3);
}

TEST(PlacedPages, LeaveNoAddressesBehind) {
    EXPECT_TRUE(rounds::one_succeeds([] {
        const std::uintptr_t base = free_addresses(8 * unit());
        for (int i = 0; i < 3; ++i) {
            const auto pages = ReadWrite::try_new(8 * unit(), {}, {.at = pointer_to(base)});
            if (!pages || number_of(pages->data()) != base) {
                return false;
            }
        }
        return true;
    }));
}

TEST(PlacedPages, ArePlacedAnywhereByDefault) {
    const ReadWrite pages(unit(), {.uncharged = true}, {});
    EXPECT_EQ(pages[0], 0);
}

// -- invalid arguments ----------------------------------------------------------------------------

TEST(Placement, RefusesInvalidArguments) {
    const std::uintptr_t base = free_addresses(8 * unit());
    const void* const at = pointer_to(base);
    for (const Placement& invalid : {
             Placement{.reach = 1},
             Placement{.within = {base, base}},
             Placement{.within = {base + 1, base}},
             Placement{.near_to = at, .at = at},
             Placement{.within = {base + unit(), base + 8 * unit()}, .at = at},
             Placement{.within = {base, base + unit() - 1}, .at = at},
             Placement{.at = pointer_to(base + 1)},
         }) {
        EXPECT_EQ(error_of(ReadWrite::try_new(unit(), {}, invalid)), std::errc::invalid_argument);
        EXPECT_EQ(error_of(Reservation::try_new(unit(), {.near_to = invalid.near_to,
                                                         .reach = invalid.reach,
                                                         .within = invalid.within,
                                                         .at = invalid.at})),
                  std::errc::invalid_argument);
        EXPECT_EQ(error_of(untyped::reserve(unit(), {.near_to = invalid.near_to,
                                                     .reach = invalid.reach,
                                                     .within = invalid.within,
                                                     .at = invalid.at})),
                  std::errc::invalid_argument);
    }
    const Placement near{.near_to = some_function};
    EXPECT_EQ(error_of(ReadWrite::try_new(0, {}, near)), std::errc::invalid_argument);
    EXPECT_EQ(error_of(ReadWrite::try_new(1, {.alignment = 3}, near)), std::errc::invalid_argument);
    EXPECT_EQ(error_of(ReadWrite::try_new(1, {.uncharged = true}, near)),
              std::errc::invalid_argument);
    EXPECT_EQ(error_of(ReadWrite::try_new(1, {.huge_pages = HugePages::require}, near)),
              std::errc::invalid_argument);
}

TEST(Placement, IsNamedInRefusals) {
    void* const at = pointer_to(0x10000);
    EXPECT_FAILS_SAYING(
        ReadWrite(1, {}, {.reach = 5}),
        testing::HasSubstr("Pages(1 bytes, reach 5 bytes): `reach` without `near_to`"));
    EXPECT_FAILS_SAYING(
        Reservation(1, {.within = {0x30000, 0x20000}}),
        testing::HasSubstr("Reservation(1 bytes, within 0x30000 to 0x20000): the range is empty"));
    EXPECT_FAILS_SAYING(
        Reservation(1, {.within = {0x20000, 0x30000}, .at = at}),
        testing::HasSubstr("within 0x20000 to 0x30000, at 0x10000): `at` is not `within`"));
    EXPECT_FAILS_SAYING(Reservation(1, {.within = {0x20000, 0x20001}, .at = pointer_to(0x20000)}),
                        testing::HasSubstr("`at` is not `within`"))
        << "a page";
    EXPECT_FAILS_SAYING(
        ReadWrite(1, {.uncharged = true}, {.at = at}),
        testing::HasSubstr("Pages(1 bytes, uncharged, at 0x10000): pages at a place can be neither "
                           "uncharged nor required huge pages"));
}

}  // namespace
