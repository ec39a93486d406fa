// SPDX-License-Identifier: MIT
#include <memory_pages/guarded.hpp>

#include "support/checks.hpp"
#include "support/fails.hpp"
#include "support/fragile.hpp"
#include "support/probe.hpp"
#include "support/process.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <concepts>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace memory_pages {
namespace {

using Fragile = fragile::Element<fragile::Moves::throw_too>;
using MoveOnly = fragile::Element<fragile::Moves::are_all_there_is>;

static_assert(!std::copyable<Guarded<int>> && std::movable<Guarded<int>>);
static_assert(std::is_nothrow_move_constructible_v<Guarded<Fragile>>);
static_assert(std::is_nothrow_move_assignable_v<Guarded<Fragile>>);
static_assert(std::is_nothrow_move_constructible_v<GuardedArray<Fragile>>);
static_assert(!std::copyable<GuardedArray<int>> && std::movable<GuardedArray<int>>);
static_assert(std::ranges::contiguous_range<GuardedArray<int>&>);
static_assert(std::ranges::contiguous_range<const GuardedArray<int>&>);
static_assert(std::ranges::sized_range<GuardedArray<int>&>);
static_assert(std::convertible_to<GuardedArray<int>&, std::span<int>>);
static_assert(std::convertible_to<const GuardedArray<int>&, std::span<const int>>);
static_assert(!std::is_constructible_v<Guarded<int>, std::string>);
static_assert(!std::is_constructible_v<GuardedArray<MoveOnly>, std::size_t, const MoveOnly&>);
static_assert(!std::is_convertible_v<int, Guarded<int>>);
static_assert(!std::is_convertible_v<std::size_t, GuardedArray<int>>);
static_assert(noexcept(Guarded<int>::try_new(1)) && !noexcept(Guarded<Fragile>::try_new(1)));
static_assert(noexcept(GuardedArray<int>::try_new(1)));
static_assert(!noexcept(GuardedArray<Fragile>::try_new(1)));

std::size_t page() { return probe::page_size(); }

bool is_at_the_end_of_a_page(const void* end) {
    return reinterpret_cast<std::uintptr_t>(end) % page() == 0;
}

bool faults_when_read(const void* byte) {
    return process::run_apart([byte] { (void)*static_cast<const volatile char*>(byte); }).signal ==
           SIGSEGV;
}

template <std::size_t size, std::size_t alignment = 1>
struct alignas(alignment) Bytes {
    std::array<std::uint8_t, size> bytes{};
};

template <class T>
void expect_overrun_faults() {
    Guarded<T> object;
    const auto* const first = reinterpret_cast<std::uint8_t*>(object.get());
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(first) % alignof(T), 0U);
    EXPECT_TRUE(is_at_the_end_of_a_page(first + sizeof(T)));
    EXPECT_TRUE(faults_when_read(first + sizeof(T))) << sizeof(T);
    EXPECT_TRUE(probe::can_write(const_cast<std::uint8_t*>(first) + sizeof(T) - 1));
    EXPECT_TRUE(probe::can_write(const_cast<std::uint8_t*>(first)));
    EXPECT_EQ(object->bytes[0], 0);

    GuardedArray<T> array(3);
    const auto* const end = reinterpret_cast<std::uint8_t*>(array.data() + 3);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(array.data()) % alignof(T), 0U);
    EXPECT_TRUE(is_at_the_end_of_a_page(end));
    EXPECT_FALSE(probe::can_read(end));
    for (T& each : array) {
        each.bytes.fill(5);
    }
    EXPECT_EQ(array[2].bytes[0], 5);
}

// Pitfall: overrun-unnoticed
TEST(Guarded, FaultsWhenAnObjectOfAnySizeIsOverrun) {
    expect_overrun_faults<Bytes<1>>();
    expect_overrun_faults<Bytes<3>>();
    expect_overrun_faults<Bytes<24, 8>>();
    expect_overrun_faults<Bytes<100, 16>>();
    expect_overrun_faults<Bytes<4096>>();
    expect_overrun_faults<Bytes<1, 4096>>();
    expect_overrun_faults<Bytes<(1U << 16U) + 1>>();
}

TEST(Guarded, FaultsBeforeItsFirstPage) {
    const Guarded<char> object('a');
    const char* const first = object.get() - (page() - 1);
    EXPECT_TRUE(probe::can_read(first)) << "an underrun is noticed at the page before";
    EXPECT_TRUE(faults_when_read(first - 1));
}

TEST(Guarded, HoldsTheObjectMadeFromItsArguments) {
    Guarded<std::string> text(5, 'x');
    EXPECT_EQ(*text, "xxxxx");
    text->push_back('y');
    EXPECT_EQ(std::as_const(text)->size(), 6U);
    EXPECT_EQ(*std::as_const(text), "xxxxxy");
    const Guarded<std::unique_ptr<int>> owner(std::make_unique<int>(7));
    EXPECT_EQ(**owner, 7);
    const Guarded<int> zero;
    EXPECT_EQ(*zero, 0) << "value-initialised";
    const auto made = Guarded<std::string>::try_new("abc");
    ASSERT_TRUE(made);
    EXPECT_EQ(**made, "abc");
}

TEST(Guarded, DestroysItsObjectOnceAfterMoves) {
    volatile std::uint8_t* beside = nullptr;
    {
        Guarded<MoveOnly> first(1);
        MoveOnly* const place = first.get();
        ASSERT_NE(place, nullptr);
        beside = reinterpret_cast<std::uint8_t*>(place) - 1;
        *beside = 7;
        Guarded<MoveOnly> second(std::move(first));
        EXPECT_EQ(second.get(), place) << "the object stays where it is";
        EXPECT_EQ(first.get(), nullptr);  // NOLINT: a promise
        EXPECT_EQ(fragile::living().size(), 1U);
        Guarded<MoveOnly> third(3);
        swap(second, third);
        EXPECT_EQ(second->get(), 3);
        third = std::move(second);
        EXPECT_EQ(third->get(), 3);
        EXPECT_EQ(fragile::living().size(), 1U);
        first = std::move(third);
        EXPECT_EQ(first->get(), 3);
    }
    EXPECT_TRUE(fragile::living().empty());
    EXPECT_FALSE(probe::holds(beside, 7)) << "the page is still there";
}

TEST(Guarded, LeavesNothingMappedWhenAConstructorThrows) {
    EXPECT_EQ(fragile::breaks(1, [] { const Guarded<Fragile> object(1); }), fragile::can_break);
    EXPECT_EQ(fragile::breaks(1, [] { (void)Guarded<Fragile>::try_new(1); }), fragile::can_break);
    EXPECT_TRUE(fragile::living().empty());
}

TEST(GuardedArray, ConstructsAndDestroysItsObjects) {
    std::uint8_t* beside = nullptr;
    {
        GuardedArray<Fragile> values(1000);
        beside = reinterpret_cast<std::uint8_t*>(values.data()) - 1;
        *beside = 7;
        EXPECT_EQ(fragile::living().size(), 1000U);
        EXPECT_EQ(values.size(), 1000U);
        EXPECT_FALSE(values.empty());
        EXPECT_EQ(values[999].get(), 0);
        const GuardedArray<Fragile> copies(10, Fragile(7));
        EXPECT_EQ(copies[9].get(), 7);
        const GuardedArray<Fragile> same{std::span<const Fragile>(copies)};
        EXPECT_TRUE(std::ranges::equal(same, copies));
        EXPECT_EQ(fragile::living().size(), 1020U);
    }
    EXPECT_TRUE(fragile::living().empty());
    EXPECT_FALSE(probe::holds(beside, 7)) << "the pages are still there";
}

TEST(GuardedArray, DestroysTheFinishedObjectsWhenAConstructorThrows) {
    const std::array<Fragile, 3> source{1, 2, 3};
    const auto expect_broken = [&](std::size_t steps, auto make) {
        EXPECT_EQ(fragile::breaks(steps, make), fragile::can_break);
        EXPECT_EQ(fragile::living().size(), source.size());
    };
    for (const std::size_t nth : {1U, 2U, 3U}) {
        expect_broken(nth, [] { const GuardedArray<Fragile> array(3); });
        expect_broken(nth, [&] { const GuardedArray<Fragile> array(3, source[0]); });
        expect_broken(nth,
                      [&] { const GuardedArray<Fragile> array{std::span<const Fragile>(source)}; });
        expect_broken(nth, [] { (void)GuardedArray<Fragile>::try_new(3); });
    }
}

// Pitfall: overrun-unnoticed
TEST(GuardedArray, FaultsBehindTheLastByteOfAText) {
    constexpr std::string_view text = "no zero at the end";
    GuardedArray<char> input{std::span<const char>(text)};
    EXPECT_EQ(std::string_view(input.begin(), input.end()), text);
    const char* const first = input.data();
    const auto length_of = [](const char* at) {
        std::size_t length = 0;
        for (const volatile char* byte = at; *byte != 0; ++byte) {
            ++length;
        }
        return length;
    };
    EXPECT_EQ(process::run_apart([=] { (void)length_of(first); }).signal, SIGSEGV);
    input[input.size() - 1] = 0;
    EXPECT_EQ(length_of(first), text.size() - 1);
}

TEST(GuardedArray, FaultsAtItsEndWhenEmpty) {
    GuardedArray<int> none(0);
    EXPECT_TRUE(none.empty());
    EXPECT_EQ(none.begin(), none.end());
    ASSERT_NE(none.data(), nullptr);
    EXPECT_TRUE(faults_when_read(none.data()));
    const GuardedArray<char> text{std::span<const char>()};
    EXPECT_TRUE(faults_when_read(text.data()));
    none = GuardedArray<int>(5, 3);
    EXPECT_EQ(std::ranges::count(none, 3), 5);
}

TEST(GuardedArray, IsEmptyAfterAMove) {
    GuardedArray<int> first(3, 7);
    const int* const place = first.data();
    GuardedArray<int> second(std::move(first));
    EXPECT_EQ(second.data(), place);
    EXPECT_EQ(first.size(), 0U);  // NOLINT: a promise
    EXPECT_EQ(first.data(), nullptr);
    EXPECT_EQ(first.begin(), first.end());
    swap(first, second);
    EXPECT_EQ(first[2], 7);
    EXPECT_TRUE(second.empty());
}

TEST(GuardedArray, RefusesSizesThatFitNowhere) {
    for (const std::size_t count : {std::numeric_limits<std::size_t>::max(),
                                    std::numeric_limits<std::size_t>::max() / sizeof(int)}) {
        EXPECT_EQ(GuardedArray<int>::try_new(count).error(), std::errc::not_enough_memory);
        EXPECT_EQ(GuardedArray<int>::try_new(count, 5).error(), std::errc::not_enough_memory);
        EXPECT_FAILS(GuardedArray<int>(count), std::errc::not_enough_memory);
        EXPECT_FAILS_SAYING(GuardedArray<char>(count),
                            testing::HasSubstr("GuardedArray(" + std::to_string(count)));
    }
    const std::array source{1, 2};
    const auto copy = GuardedArray<int>::try_new(std::span<const int>(source));
    ASSERT_TRUE(copy);
    EXPECT_TRUE(std::ranges::equal(*copy, source));
}

using GuardedContract = checks::Contract;

TEST_F(GuardedContract, MovedFromObjectsCannotBeRead) {
    Guarded<std::string> object("a");
    const Guarded<std::string> taken(std::move(object));
    EXPECT_DEATH((void)*object, "memory_pages: Guarded::operator\\*: the object was moved from");
    EXPECT_DEATH((void)object->size(), "memory_pages: Guarded::operator->: the object was moved");
    GuardedArray<int> array(3);
    EXPECT_DEATH((void)array[3], "memory_pages: GuardedArray::operator.*index 3 is outside 3");
    EXPECT_DEATH((void)std::as_const(array)[3], "GuardedArray::operator.*index 3 is outside 3");
}

}  // namespace
}  // namespace memory_pages
