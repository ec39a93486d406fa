// SPDX-License-Identifier: MIT
// Guards of half of all pages, and guards of locked pages.

#include "support/child.hpp"
#include "support/probe.hpp"

#include <memory_pages/exec.hpp>
#include <memory_pages/memory_pages.hpp>

#include <sys/mman.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace {

using namespace memory_pages;

using ReadWrite = GuardedPages<AllowRead, AllowWrite, DenyExec>;

constexpr std::uint8_t sample = 0x5A;

std::size_t page() { return probe::page_size(); }

/// Room for a million guards with a page each, or for as many as the commit limit allows.
ReadWrite room_for_many() {
    for (std::size_t bytes = (std::size_t{2} << 20) * page();; bytes /= 2) {
        if (Result<ReadWrite> pages = ReadWrite::try_new(bytes)) {
            return std::move(*pages);
        }
    }
}

// Pitfall: guard-mappings
TEST(ManyGuards, TakeNoExtraMappings) {
    if (!is_supported(Feature::many_guards)) {
        GTEST_SKIP() << "this kernel knows no marks";
    }
    ReadWrite pages = room_for_many();
    const std::size_t count = pages.size() / 2 / page();
    // The C library may map pages for the table of guards.
    const std::size_t few_more = probe::mapping_count() + 16;
    for (std::size_t i = 0; i < count; ++i) {
        ASSERT_TRUE(pages.try_guard(2 * i * page(), page()));
    }
    EXPECT_LE(probe::mapping_count(), few_more);
    const std::size_t step = std::max<std::size_t>(count / 1000, 1);
    for (std::size_t i = 0; i < count; i += step) {
        ASSERT_FALSE(probe::can_read(pages.data() + 2 * i * page()));
        ASSERT_TRUE(probe::can_write(pages.data() + (2 * i + 1) * page()));
    }
    auto frozen = std::move(pages).deny_write();
    EXPECT_LE(probe::mapping_count(), few_more);
    for (std::size_t i = 0; i < count; i += step) {
        ASSERT_FALSE(probe::can_read(frozen.data() + 2 * i * page()));
        ASSERT_FALSE(
            probe::can_write(const_cast<std::uint8_t*>(frozen.data()) + (2 * i + 1) * page()));
    }
    pages = std::move(frozen).allow_write();
    pages.unguard(0, pages.size());
    EXPECT_TRUE(probe::can_write(pages.data() + pages.size() - 2 * page()));
}

// Pitfall: markers-refused
TEST(LockedGuards, UseInaccessiblePagesBesideMarkers) {
    EXPECT_TRUE(child::passes([] {
        ReadWrite pages(6 * page());
        std::ranges::fill(pages, sample);
        pages.guard(page(), page());
        ASSERT_EQ(::mlock(pages.data() + 3 * page(), 2 * page()), 0);
        pages.guard(3 * page(), page());
        const auto guards_hold = [first = pages.data()] {
            return !probe::can_read(first + page()) && !probe::can_read(first + 3 * page());
        };
        EXPECT_TRUE(guards_hold());
        EXPECT_EQ(probe::resident_bytes(pages.data() + 3 * page(), page()), 0U);
        auto frozen = std::move(pages).deny_write();
        EXPECT_TRUE(guards_hold());
        EXPECT_EQ(frozen[2 * page()], sample);
        EXPECT_EQ(frozen[4 * page()], sample);
        pages = std::move(frozen).allow_exec().allow_write_no_exec();
        EXPECT_TRUE(guards_hold());
        pages.zero(0, 5 * page());
        pages.decommit(0, 5 * page());
        EXPECT_TRUE(guards_hold());
        EXPECT_EQ(pages[5 * page()], sample);
        pages.unguard(0, 6 * page());
        std::ranges::fill(pages, std::uint8_t{1});
        auto again = std::move(pages).deny_write();
        EXPECT_FALSE(probe::can_write(const_cast<std::uint8_t*>(again.data()) + page()));
        EXPECT_FALSE(probe::can_write(const_cast<std::uint8_t*>(again.data()) + 3 * page()));
    }));
}

}  // namespace
