// SPDX-License-Identifier: MIT
#include <memory_pages/pages.hpp>

#include "support/fails.hpp"
#include "support/probe.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <numeric>
#include <ranges>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace memory_pages {
namespace {

using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;
using ReadOnly = Pages<AllowRead, DenyWrite, DenyExec>;
using WriteOnly = Pages<DenyRead, AllowWrite, DenyExec>;
using NoAccess = Pages<DenyRead, DenyWrite, DenyExec>;

constexpr std::size_t largest = std::numeric_limits<std::size_t>::max();

std::size_t page() { return probe::page_size(); }

// -- what the type is ---------------------------------------------------------------------------

static_assert(sizeof(ReadWrite) == 2 * sizeof(void*) && sizeof(NoAccess) == 2 * sizeof(void*));
static_assert(std::is_nothrow_move_constructible_v<ReadWrite>);
static_assert(std::is_nothrow_move_assignable_v<ReadWrite>);
static_assert(std::is_nothrow_swappable_v<ReadWrite>);
static_assert(!std::is_copy_constructible_v<ReadWrite> && !std::is_copy_assignable_v<ReadWrite>);
static_assert(!std::is_default_constructible_v<ReadWrite>);
static_assert(!std::is_convertible_v<std::size_t, ReadWrite>);
static_assert(!std::is_constructible_v<ReadOnly, ReadWrite>, "only a transition changes the type");
static_assert(std::ranges::contiguous_range<ReadWrite> && std::ranges::sized_range<ReadWrite>);
static_assert(std::ranges::contiguous_range<const ReadOnly>);

template <class P>
concept Readable = requires(const P& pages) {
    pages[0];
    pages.at(0);
    pages.data();
    pages.bytes();
    pages.template as<int>();
    pages.begin();
    pages.end();
    pages.get_ptr();
    pages.read([](std::span<const std::uint8_t>) {});
};
template <class P>
concept PartlyReadable =
    requires(P& pages) { pages[0]; } || requires(P& pages) { pages.at(0); } ||
    requires(P& pages) { pages.data(); } || requires(P& pages) { pages.bytes(); } ||
    requires(P& pages) { pages.template as<int>(); } || requires(P& pages) { pages.begin(); } ||
    requires(P& pages) { pages.end(); } || requires(P& pages) { pages.get_ptr(); } ||
    requires(P& pages) { pages.read([](auto) {}); };
template <class P>
concept Changeable = requires(P& pages) {
    pages.get_ptr_mut();
    pages.write_at(0, std::span<const std::uint8_t>());
    pages.write([](std::span<std::uint8_t>) {});
    pages.decommit();
    pages.discard();
    pages.zero();
    pages.resize(1);
};
template <class P>
concept PartlyChangeable =
    requires(P& pages) { pages.get_ptr_mut(); } ||
    requires(P& pages) { pages.write_at(0, std::span<const std::uint8_t>()); } ||
    requires(P& pages) { pages.write([](auto) {}); } || requires(P& pages) { pages.decommit(); } ||
    requires(P& pages) { pages.discard(); } || requires(P& pages) { pages.zero(); } ||
    requires(P& pages) { pages.resize(1); };

static_assert(Readable<ReadWrite> && Changeable<ReadWrite>);
static_assert(Readable<ReadOnly> && !PartlyChangeable<ReadOnly>);
static_assert(!PartlyReadable<WriteOnly> && Changeable<WriteOnly>);
static_assert(!PartlyReadable<NoAccess> && !PartlyChangeable<NoAccess>);
static_assert(!PartlyChangeable<const ReadWrite>, "what is const cannot be changed");
template <class P>
concept Populatable = requires(const P& pages) { pages.populate(); };

static_assert(Populatable<ReadOnly> && Populatable<WriteOnly> && !Populatable<NoAccess>);

template <class P>
using Byte = decltype(std::declval<P>()[0]);

static_assert(std::same_as<Byte<ReadWrite&>, std::uint8_t&>);
static_assert(std::same_as<Byte<const ReadWrite&>, const std::uint8_t&>);
static_assert(std::same_as<Byte<ReadOnly&>, const std::uint8_t&>);

// -- making them --------------------------------------------------------------------------------

TEST(Pages, ReadZeroWhenTheyAreNew) {
    const ReadWrite pages(4 * page());
    EXPECT_TRUE(std::ranges::all_of(pages, [](std::uint8_t byte) { return byte == 0; }));
}

TEST(Pages, AreRoundedUpToWholePages) {
    EXPECT_EQ(ReadWrite(1).size(), page());
    EXPECT_EQ(ReadWrite(page()).size(), page());
    EXPECT_EQ(ReadWrite(page() + 1).size(), 2 * page());
}

TEST(Pages, StartAtAPage) {
    const ReadWrite pages(1);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(pages.data()) % page(), 0U);
}

TEST(Pages, OfNoBytesAreRefused) {
    EXPECT_FAILS(ReadWrite(0), std::errc::invalid_argument);
    EXPECT_EQ(ReadWrite::try_new(0).error(), std::errc::invalid_argument);
}

TEST(Pages, ThatDoNotFitAnywhereAreRefused) {
    for (const std::size_t bytes : {largest, largest - page(), largest / 2}) {
        EXPECT_FAILS(ReadWrite(bytes), std::errc::not_enough_memory);
        EXPECT_EQ(ReadWrite::try_new(bytes).error(), std::errc::not_enough_memory);
    }
}

TEST(Pages, AreGivenBackWhenTheyGo) {
    const std::uint8_t* address = nullptr;
    {
        ReadWrite pages(16 * page());
        pages[0] = 7;
        address = pages.data();
        EXPECT_TRUE(probe::holds(address, 7));
    }
    EXPECT_FALSE(probe::holds(address, 7));
}

// -- moving -------------------------------------------------------------------------------------

TEST(Pages, MoveWithoutMovingTheirBytes) {
    ReadWrite from(page());
    from[0] = 1;
    const std::uint8_t* const address = from.data();
    const ReadWrite to(std::move(from));
    EXPECT_EQ(to.data(), address);
    EXPECT_EQ(to[0], 1);
    EXPECT_EQ(from.size(), 0U);
}

TEST(Pages, GiveBackWhatTheyHeldWhenTheyAreAssignedTo) {
    ReadWrite from(page());
    ReadWrite to(16 * page());
    from[0] = 1;
    to[0] = 7;
    const std::uint8_t* const old = to.data();
    to = std::move(from);
    EXPECT_FALSE(probe::holds(old, 7));
    EXPECT_EQ(to[0], 1);
    EXPECT_EQ(to.size(), page());
    EXPECT_EQ(from.size(), 0U);
}

TEST(Pages, SwapWhatTheyHold) {
    ReadWrite one(page());
    ReadWrite two(2 * page());
    one[0] = 1;
    two[0] = 2;
    swap(one, two);
    EXPECT_EQ(one.size(), 2 * page());
    EXPECT_EQ(one[0], 2);
    one.swap(two);
    EXPECT_EQ(one.size(), page());
    EXPECT_EQ(two[0], 2);
}

/// Takes the pages away without the compiler seeing it.
void take_from(ReadWrite& pages) { const ReadWrite taken(std::move(pages)); }

TEST(Pages, ThatWereMovedFromCanBeAssignedTo) {
    ReadWrite pages(page());
    take_from(pages);
    EXPECT_EQ(pages.size(), 0U);
    pages = ReadWrite(2 * page());
    pages[page()] = 1;
    EXPECT_EQ(pages.size(), 2 * page());
    EXPECT_EQ(pages[page()], 1);
}

TEST(Pages, ThatWereMovedFromCanBeMovedAndSwapped) {
    ReadWrite pages(page());
    take_from(pages);
    ReadWrite also_empty(std::move(pages));
    EXPECT_EQ(also_empty.size(), 0U);
    ReadWrite full(page());
    full.swap(also_empty);
    EXPECT_EQ(full.size(), 0U);
    EXPECT_EQ(also_empty.size(), page());
    also_empty = std::move(full);
    EXPECT_EQ(also_empty.size(), 0U);
}

// -- looking at the bytes -----------------------------------------------------------------------

/// Pages whose bytes count from 0 on.
ReadWrite counting(std::size_t bytes) {
    ReadWrite pages(bytes);
    std::iota(pages.begin(), pages.end(), std::uint8_t{0});
    return pages;
}

TEST(Pages, ShowTheSameByteByEveryName) {
    ReadWrite pages = counting(2 * page());
    const ReadWrite& same = pages;
    const std::size_t i = page() + 7;
    pages[i] = 200;
    EXPECT_EQ(pages[i], 200);
    EXPECT_EQ(same[i], 200);
    EXPECT_EQ(&same[i], &pages[i]);
    EXPECT_EQ(&pages.at(i), &pages[i]);
    EXPECT_EQ(&same.at(i), &pages[i]);
    EXPECT_EQ(pages.data() + i, &pages[i]);
    EXPECT_EQ(same.data() + i, &pages[i]);
    EXPECT_EQ(&pages.bytes()[i], &pages[i]);
    EXPECT_EQ(&same.bytes()[i], &pages[i]);
    EXPECT_EQ(pages.begin() + i, &pages[i]);
    EXPECT_EQ(same.begin() + i, &pages[i]);
    EXPECT_EQ(pages.get_ptr(i), &pages[i]);
    EXPECT_EQ(pages.get_ptr_mut(i), &pages[i]);
}

TEST(Pages, CanBeWalked) {
    ReadWrite pages(page());
    for (std::uint8_t& byte : pages) {
        byte = 2;
    }
    const ReadOnly frozen = std::move(pages).deny_write();
    std::size_t sum = 0;
    for (const std::uint8_t byte : frozen) {
        sum += byte;
    }
    EXPECT_EQ(sum, 2 * page());
    EXPECT_EQ(frozen.bytes().size(), page());
    EXPECT_EQ(frozen.end() - frozen.begin(), static_cast<std::ptrdiff_t>(page()));
}

TEST(Pages, AtRefusesWhatIsOutside) {
    ReadWrite pages(page());
    const ReadWrite& same = pages;
    pages.at(page() - 1) = 1;
    EXPECT_EQ(same.at(page() - 1), 1);
    EXPECT_OUT_OF_RANGE(pages.at(page()));
    EXPECT_OUT_OF_RANGE(same.at(page()));
    EXPECT_OUT_OF_RANGE(same.at(largest));
}

TEST(Pages, AsShowsTheBytesThatAreThere) {
    ReadWrite pages = counting(page());
    const std::span<std::uint32_t> numbers = pages.as<std::uint32_t>();
    ASSERT_EQ(numbers.size(), page() / sizeof(std::uint32_t));

    std::uint32_t second = 0;
    std::memcpy(&second, pages.data() + sizeof second, sizeof second);
    EXPECT_EQ(numbers[1], second);

    numbers[1] = 0xffffffff;
    EXPECT_EQ(pages[3], 3);
    EXPECT_EQ(pages[4], 0xff);
    EXPECT_EQ(pages[7], 0xff);
    EXPECT_EQ(pages[8], 8);
}

TEST(Pages, AsKeepsWhatWasWrittenUnderAnotherType) {
    ReadWrite pages(page());
    pages.as<double>()[0] = 1.0;
    EXPECT_EQ(pages.as<std::uint64_t>()[0], 0x3ff0000000000000U);
    pages.as<std::uint64_t>()[0] = 0x4000000000000000U;
    EXPECT_EQ(pages.as<double>()[0], 2.0);
}

TEST(Pages, AsLeavesOutWhatIsNoWholeObject) {
    struct Odd {
        std::array<std::uint8_t, 1000> bytes;
    };
    ReadWrite pages(page());
    EXPECT_EQ(pages.as<Odd>().size(), page() / 1000);
    struct Large {
        std::array<std::uint8_t, 1 << 20> bytes;
    };
    EXPECT_TRUE(pages.as<Large>().empty());
}

TEST(Pages, AsIsConstWhereThePagesAre) {
    static_assert(std::same_as<decltype(std::declval<ReadWrite&>().as<int>()), std::span<int>>);
    static_assert(
        std::same_as<decltype(std::declval<const ReadWrite&>().as<int>()), std::span<const int>>);
    static_assert(
        std::same_as<decltype(std::declval<ReadOnly&>().as<int>()), std::span<const int>>);
    ReadWrite pages(page());
    pages.as<int>()[3] = 42;
    const ReadOnly frozen = std::move(pages).deny_write();
    EXPECT_EQ(frozen.as<int>()[3], 42);
}

TEST(Pages, WriteAtFillsWriteOnlyPages) {
    constexpr std::array<std::uint8_t, 3> source = {1, 2, 3};
    WriteOnly pages(page());
    pages.write_at(page() - source.size(), source);
    *pages.get_ptr_mut(5) = 9;
    const ReadWrite readable = std::move(pages).allow_read();
    EXPECT_TRUE(std::ranges::equal(readable.bytes().last(source.size()), source));
    EXPECT_EQ(readable[page() - source.size() - 1], 0);
    EXPECT_EQ(readable[5], 9);
}

TEST(Pages, WriteAtCopiesFromThePagesThemselves) {
    ReadWrite pages = counting(page());
    pages.write_at(1, pages.bytes().first(100));
    EXPECT_EQ(pages[0], 0);
    EXPECT_EQ(pages[1], 0);
    EXPECT_EQ(pages[100], 99);
    EXPECT_EQ(pages[101], 101);
}

TEST(Pages, WriteAtOfNothingDoesNothing) {
    ReadWrite pages = counting(page());
    pages.write_at(page(), {});
    EXPECT_EQ(pages[page() - 1], 0xff);
}

// -- lending --------------------------------------------------------------------------------------

TEST(Pages, LendAllTheirBytesToWhoWrites) {
    ReadWrite pages(3 * page());
    pages.write([&](std::span<std::uint8_t> bytes) {
        EXPECT_EQ(bytes.data(), pages.data());
        EXPECT_EQ(bytes.size(), pages.size());
        bytes[page()] = 7;
    });
    EXPECT_EQ(pages[page()], 7);
}

TEST(Pages, LendAllTheirBytesToWhoReads) {
    const ReadOnly pages = counting(page()).deny_write();
    const std::size_t sum = pages.read([&](std::span<const std::uint8_t> bytes) {
        EXPECT_EQ(bytes.data(), pages.data());
        return std::accumulate(bytes.begin(), bytes.end(), std::size_t{0});
    });
    EXPECT_EQ(sum, std::accumulate(pages.begin(), pages.end(), std::size_t{0}));
}

TEST(Pages, LendTheirBytesAsWhatIsAskedFor) {
    ReadWrite pages(page());
    pages.write<std::uint32_t>(
        [](std::span<std::uint32_t> numbers) { std::iota(numbers.begin(), numbers.end(), 0U); });
    const std::uint32_t last = pages.read<std::uint32_t>(
        [](std::span<const std::uint32_t> numbers) { return numbers.back(); });
    EXPECT_EQ(last, page() / sizeof(std::uint32_t) - 1);
}

TEST(Pages, LendTheirBytesWhereTheyCannotBeRead) {
    WriteOnly pages(page());
    pages.write([](std::span<std::uint8_t> bytes) { std::ranges::fill(bytes, 7); });
    const ReadWrite readable = std::move(pages).allow_read();
    EXPECT_EQ(std::ranges::count(readable, 7), static_cast<std::ptrdiff_t>(page()));
}

TEST(Pages, ReturnWhatWhoBorrowsThemReturns) {
    ReadWrite pages(page());
    int number = 1;
    int& same = pages.write([&number](auto) -> int& { return number; });
    EXPECT_EQ(&same, &number);
    EXPECT_EQ(&pages.read([&number](auto) -> int& { return number; }), &number);
    const auto kept = pages.write([](auto) { return std::vector<int>(3); });
    EXPECT_EQ(kept.size(), 3U);
    static_assert(noexcept(pages.write([](auto) noexcept {})));
    static_assert(!noexcept(pages.write([](auto) {})));
    static_assert(noexcept(pages.read([](auto) noexcept {})));
    static_assert(!noexcept(pages.read([](auto) {})));
}

TEST(Pages, LendTheirBytesWithinACallToo) {
    ReadWrite pages(page());
    pages.write([&](auto outer) {
        pages.write([](auto inner) { inner[0] = 1; });
        EXPECT_EQ(outer[0], 1);
        pages.read([&](auto bytes) { EXPECT_EQ(bytes.data(), outer.data()); });
    });
}

// -- letting go ---------------------------------------------------------------------------------

TEST(Pages, AreAdoptedAsTheyWereReleased) {
    ReadWrite pages(3 * page());
    pages[0] = 1;
    const std::uint8_t* const address = pages.data();
    const RawPages<AllowRead, AllowWrite, DenyExec> raw = std::move(pages).release();
    EXPECT_EQ(pages.size(), 0U);
    EXPECT_EQ(raw.address, address);
    EXPECT_EQ(raw.size, 3 * page());
    EXPECT_EQ(probe::permissions(address), "rw-");
    {
        const ReadWrite adopted = ReadWrite::adopt(raw);
        EXPECT_EQ(adopted.data(), address);
        EXPECT_EQ(adopted.size(), 3 * page());
        EXPECT_EQ(adopted[0], 1);
    }
    EXPECT_FALSE(probe::holds(address, 1));
}

TEST(Pages, AreAdoptedWithoutThrowingToo) {
    Result<ReadOnly> adopted = ReadOnly::try_adopt(ReadOnly(page()).release());
    ASSERT_TRUE(adopted);
    EXPECT_EQ((*adopted)[0], 0);
}

TEST(Pages, AreNotAdoptedFromWhatNeverWerePages) {
    using Raw = RawPages<AllowRead, AllowWrite, DenyExec>;
    Raw raw = ReadWrite(2 * page()).release();
    const ReadWrite keep = ReadWrite::adopt(raw);

    Raw misaligned = raw;
    misaligned.address += 1;
    Raw uneven = raw;
    uneven.size += 1;
    Raw empty = raw;
    empty.size = 0;
    Raw unknown_kind = raw;
    unknown_kind.kind = 0xfff;
    for (const Raw& garbage : {Raw(), misaligned, uneven, empty, unknown_kind}) {
        EXPECT_EQ(ReadWrite::try_adopt(garbage).error(), std::errc::invalid_argument);
        EXPECT_FAILS(ReadWrite::adopt(garbage), std::errc::invalid_argument);
    }
}

}  // namespace
}  // namespace memory_pages
