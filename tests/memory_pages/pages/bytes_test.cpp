// SPDX-License-Identifier: MIT
// Looking at the bytes of pages.
#include <memory_pages/pages.hpp>

#include "support/checks.hpp"
#include "support/fails.hpp"
#include "support/probe.hpp"

#include <gtest/gtest.h>

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <numeric>
#include <ranges>
#include <span>
#include <string>
#include <utility>

namespace memory_pages {
namespace {

using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;
using ReadOnly = Pages<AllowRead, DenyWrite, DenyExec>;

constexpr std::size_t largest = std::numeric_limits<std::size_t>::max();

std::size_t page() { return probe::page_size(); }

template <class P>
using Byte = decltype(std::declval<P>()[0]);

static_assert(std::same_as<Byte<ReadWrite&>, std::uint8_t&>);
static_assert(std::same_as<Byte<const ReadWrite&>, const std::uint8_t&>);
static_assert(std::same_as<Byte<ReadOnly&>, const std::uint8_t&>);

/// Pages whose bytes count from 0.
ReadWrite counting(std::size_t bytes) {
    ReadWrite pages(bytes);
    std::iota(pages.begin(), pages.end(), std::uint8_t{0});
    return pages;
}

TEST(Pages, ShowTheSameBytesByEveryAccessor) {
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

TEST(Pages, CanBeIterated) {
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

TEST(Pages, AtRefusesIndexesOutside) {
    ReadWrite pages(page());
    const ReadWrite& same = pages;
    pages.at(page() - 1) = 1;
    EXPECT_EQ(same.at(page() - 1), 1);
    EXPECT_OUT_OF_RANGE(pages.at(page()));
    EXPECT_OUT_OF_RANGE(same.at(page()));
    EXPECT_OUT_OF_RANGE(same.at(largest));
}

TEST(Pages, AsViewsTheBytesAsObjects) {
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

TEST(Pages, AsKeepsBytesWrittenAsAnotherType) {
    ReadWrite pages(page());
    pages.as<double>()[0] = 1.0;
    EXPECT_EQ(pages.as<std::uint64_t>()[0], 0x3ff0000000000000U);
    pages.as<std::uint64_t>()[0] = 0x4000000000000000U;
    EXPECT_EQ(pages.as<double>()[0], 2.0);
}

TEST(Pages, AsOmitsAPartialObject) {
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

TEST(Pages, AsIsConstForReadOnlyPages) {
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

// -- contracts ------------------------------------------------------------------------------------

using checks::Contract;

TEST_F(Contract, IndexMustBeBelowTheSize) {
    ReadWrite pages(page());
    const ReadWrite& same = pages;
    const std::string outside =
        "index " + std::to_string(page()) + " is outside " + std::to_string(page());
    EXPECT_DEATH((void)pages[page()], "memory_pages: Pages::operator\\[\\]: " + outside);
    EXPECT_DEATH((void)same[page()], "memory_pages: Pages::operator\\[\\]: " + outside);
    EXPECT_DEATH((void)same.get_ptr(page()), "memory_pages: Pages::get_ptr: " + outside);
    EXPECT_DEATH((void)pages.get_ptr_mut(page()), "memory_pages: Pages::get_ptr_mut: " + outside);
}

TEST_F(Contract, MovedFromPagesCannotBeRead) {
    ReadWrite pages(page());
    const ReadWrite& same = pages;
    checks::take_from(pages);
    EXPECT_DEATH((void)pages[0], "Pages::operator.*index 0 is outside 0 .empty, or moved from.");
    EXPECT_DEATH((void)pages.get_ptr(), "Pages::get_ptr: index 0 is outside 0");
    EXPECT_DEATH((void)pages.get_ptr_mut(), "Pages::get_ptr_mut: index 0 is outside 0");
    EXPECT_DEATH((void)pages.data(), "Pages::data: there are no pages: empty, or moved from");
    EXPECT_DEATH((void)same.data(), "Pages::data: there are no pages: empty, or moved from");
    EXPECT_DEATH((void)pages.bytes(), "Pages::bytes: there are no pages: empty, or moved from");
    EXPECT_DEATH((void)same.bytes(), "Pages::bytes: there are no pages: empty, or moved from");
    EXPECT_DEATH((void)pages.as<int>(), "Pages::as: there are no pages: empty, or moved from");
    EXPECT_DEATH((void)same.as<int>(), "Pages::as: there are no pages: empty, or moved from");
    EXPECT_DEATH((void)pages.begin(), "Pages::begin: there are no pages: empty, or moved from");
    EXPECT_DEATH((void)same.begin(), "Pages::begin: there are no pages: empty, or moved from");
    EXPECT_DEATH((void)pages.end(), "Pages::end: there are no pages: empty, or moved from");
    EXPECT_DEATH((void)same.end(), "Pages::end: there are no pages: empty, or moved from");
}

}  // namespace
}  // namespace memory_pages
