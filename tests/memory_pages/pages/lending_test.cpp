// SPDX-License-Identifier: MIT
// Lending the bytes of pages, and copying into them.
#include <memory_pages/pages.hpp>

#include "support/checks.hpp"
#include "support/probe.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace memory_pages {
namespace {

using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;
using ReadOnly = Pages<AllowRead, DenyWrite, DenyExec>;
using WriteOnly = Pages<DenyRead, AllowWrite, DenyExec>;
using checks::BorrowCheck;
using checks::Contract;
using checks::still_borrowed;

std::size_t page() { return probe::page_size(); }

/// Pages whose bytes count from 0.
ReadWrite counting(std::size_t bytes) {
    ReadWrite pages(bytes);
    std::iota(pages.begin(), pages.end(), std::uint8_t{0});
    return pages;
}

// -- copying into them ----------------------------------------------------------------------------

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

TEST(Pages, WriteAtCopiesOverlappingBytes) {
    ReadWrite pages = counting(page());
    pages.write_at(1, pages.bytes().first(100));
    EXPECT_EQ(pages[0], 0);
    EXPECT_EQ(pages[1], 0);
    EXPECT_EQ(pages[100], 99);
    EXPECT_EQ(pages[101], 101);
}

TEST(Pages, WriteAtTakesBytesOfEveryByteType) {
    ReadWrite pages(page());
    const auto holds = [&](std::string_view text) {
        return std::ranges::equal(pages.as<char>().first(text.size() + 1),
                                  std::string(text) + '\0');
    };
    pages.write_at(0, std::string_view("long"));
    pages.write_at(0, std::string_view("ab"));
    EXPECT_TRUE(holds("abng"));
    pages.write_at(1, std::string("abc"));
    EXPECT_TRUE(holds("aabc"));
    pages.write_at(0, std::u8string_view(u8"utf"));
    EXPECT_TRUE(holds("utfc"));
    pages.write_at(2, std::vector{std::byte{'x'}, std::byte{'y'}});
    EXPECT_TRUE(holds("utxy"));
    pages.write_at(0, std::array{'z'});
    EXPECT_TRUE(holds("ztxy"));
    const std::uint32_t number = 0x41414141;
    pages.write_at(0, std::as_bytes(std::span(&number, 1)));
    EXPECT_TRUE(holds("AAAA"));
}

TEST(Pages, WriteAtCopiesWholeArrays) {
    ReadWrite pages(page());
    pages.write_at(0, "1234567");
    pages.write_at(0, "\x01\0\x02");
    EXPECT_TRUE(std::ranges::equal(pages.as<char>().first(6), std::string("\x01\0\x02\0"
                                                                          "56",
                                                                          6)));
    const std::array<char, 3> unterminated = {'a', 'b', 'c'};
    char buffer[3];  // NOLINT(modernize-avoid-c-arrays)
    std::ranges::copy(unterminated, buffer);
    pages.write_at(3, buffer);
    EXPECT_TRUE(std::ranges::equal(pages.as<char>().first(7), std::string("\x01\0\x02"
                                                                          "abc7",
                                                                          7)));
    const char* const text = "xy";
    pages.write_at(0, text);
    EXPECT_TRUE(std::ranges::equal(pages.as<char>().first(4), std::string("xy\x02"
                                                                          "a",
                                                                          4)));
}

template <class P, class Source>
concept WritesAt = requires(P& pages, const Source& source) { pages.write_at(0, source); };
static_assert(WritesAt<ReadWrite, std::vector<char>> && WritesAt<WriteOnly, std::string>);
static_assert(!WritesAt<ReadWrite, std::vector<int>> && !WritesAt<ReadWrite, int>);
static_assert(!WritesAt<ReadOnly, std::string> && !WritesAt<const ReadWrite, std::string>);

TEST(Pages, WriteAtOfNoBytesDoesNothing) {
    ReadWrite pages = counting(page());
    pages.write_at(page(), {});
    EXPECT_EQ(pages[page() - 1], 0xff);
}

TEST_F(Contract, WriteAtMustStayWithinThePages) {
    ReadWrite pages(page());
    constexpr std::array<std::uint8_t, 2> two = {1, 2};
    EXPECT_DEATH(pages.write_at(page() - 1, two),
                 "Pages::write_at: offset " + std::to_string(page() - 1) +
                     " and length 2 are outside " + std::to_string(page()));
    EXPECT_DEATH(pages.write_at(page() + 1, {}), "Pages::write_at: offset .* are outside");
    EXPECT_DEATH(pages.write_at(static_cast<std::size_t>(-1), two), "Pages::write_at: offset");
}

// -- lending --------------------------------------------------------------------------------------

TEST(Pages, LendAllTheirBytesToAWriter) {
    ReadWrite pages(3 * page());
    pages.write([&](std::span<std::uint8_t> bytes) {
        EXPECT_EQ(bytes.data(), pages.data());
        EXPECT_EQ(bytes.size(), pages.size());
        bytes[page()] = 7;
    });
    EXPECT_EQ(pages[page()], 7);
}

TEST(Pages, LendAllTheirBytesToAReader) {
    const ReadOnly pages = counting(page()).deny_write();
    const std::size_t sum = pages.read([&](std::span<const std::uint8_t> bytes) {
        EXPECT_EQ(bytes.data(), pages.data());
        return std::accumulate(bytes.begin(), bytes.end(), std::size_t{0});
    });
    EXPECT_EQ(sum, std::accumulate(pages.begin(), pages.end(), std::size_t{0}));
}

TEST(Pages, LendTheirBytesAsTheRequestedType) {
    ReadWrite pages(page());
    pages.write<std::uint32_t>(
        [](std::span<std::uint32_t> numbers) { std::iota(numbers.begin(), numbers.end(), 0U); });
    const std::uint32_t last = pages.read<std::uint32_t>(
        [](std::span<const std::uint32_t> numbers) { return numbers.back(); });
    EXPECT_EQ(last, page() / sizeof(std::uint32_t) - 1);
}

TEST(Pages, LendTheirBytesWhenNotReadable) {
    WriteOnly pages(page());
    pages.write([](std::span<std::uint8_t> bytes) { std::ranges::fill(bytes, 7); });
    const ReadWrite readable = std::move(pages).allow_read();
    EXPECT_EQ(std::ranges::count(readable, 7), static_cast<std::ptrdiff_t>(page()));
}

TEST(Pages, ReturnTheResultOfTheBorrower) {
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

TEST(Pages, LendTheirBytesInNestedCalls) {
    ReadWrite pages(page());
    pages.write([&](auto outer) {
        pages.write([](auto inner) { inner[0] = 1; });
        EXPECT_EQ(outer[0], 1);
        pages.read([&](auto bytes) { EXPECT_EQ(bytes.data(), outer.data()); });
    });
}

TEST_F(Contract, MovedFromPagesCannotBeLent) {
    ReadWrite pages(page());
    const ReadWrite& same = pages;
    checks::take_from(pages);
    EXPECT_DEATH(pages.write_at(0, {}),
                 "Pages::write_at: there are no pages: empty, or moved from");
    EXPECT_DEATH(pages.write([](auto) {}),
                 "Pages::write: there are no pages: empty, or moved from");
    EXPECT_DEATH(same.read([](auto) {}), "Pages::read: there are no pages: empty, or moved from");
}

/// Calls `act` with read-and-write pages while they are read, and again while they are written.
void while_lent(auto act) {
    std::optional<ReadWrite> pages(std::in_place, page());
    pages->read([&](auto) { act(pages); });
    pages->write([&](auto) { act(pages); });
}

TEST_F(BorrowCheck, StopsChangesOfPermissionsOfLentBytes) {
    while_lent([](auto& pages) {
        EXPECT_DEATH((void)std::move(*pages).deny_write(), still_borrowed);
        EXPECT_DEATH((void)std::move(*pages).try_deny_read(), still_borrowed);
    });
}

TEST_F(BorrowCheck, StopsMovesOfLentBytes) {
    while_lent([](auto& pages) {
        EXPECT_DEATH(pages->resize(2 * page()), still_borrowed);
        EXPECT_DEATH((void)pages->try_resize(page()), still_borrowed);
    });
}

TEST_F(BorrowCheck, StopsLossOfLentContents) {
    while_lent([](auto& pages) {
        EXPECT_DEATH(pages->decommit(), still_borrowed);
        EXPECT_DEATH(pages->discard(), still_borrowed);
        EXPECT_DEATH(pages->zero(), still_borrowed);
    });
}

TEST_F(BorrowCheck, StopsUnmappingOfLentBytes) {
    while_lent([](auto& pages) {
        EXPECT_DEATH(pages.reset(), still_borrowed);
        EXPECT_DEATH(*pages = ReadWrite(1), still_borrowed);
    });
}

TEST_F(BorrowCheck, EndsTheLoanOfBytesWithTheCall) {
    ReadWrite pages(page());
    pages.write([&](auto) { pages.read([](auto) {}); });
    pages.resize(2 * page());
    const auto frozen = std::move(pages).deny_write();
    EXPECT_EQ(probe::permissions(frozen.data()), "r--");
}

TEST_F(BorrowCheck, AllowsMovesOfOwnersOfLentBytes) {
    ReadWrite pages(page());
    ReadWrite other = pages.write([&](std::span<std::uint8_t> bytes) {
        ReadWrite moved = std::move(pages);
        bytes[0] = 7;
        return moved;
    });
    EXPECT_EQ(other[0], 7);
    other.zero();
}

}  // namespace
}  // namespace memory_pages
