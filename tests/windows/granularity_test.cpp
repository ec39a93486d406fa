// SPDX-License-Identifier: MIT
// Addresses are allocated in pieces of 64 KiB, memory in pages of 4 KiB; whole pieces are released.
#include <memory_pages/page_size.hpp>
#include <memory_pages/paged_vec.hpp>
#include <memory_pages/pages.hpp>

#include "support/probe.hpp"
#include "support/windows_api.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace {

using namespace memory_pages;

using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;

std::size_t page() { return probe::page_size(); }

// Pitfall: granularity
TEST(Granularity, IsCoarserThanAPageForAddresses) {
    SYSTEM_INFO info;
    ::GetSystemInfo(&info);
    EXPECT_EQ(page_size(), info.dwPageSize);
    EXPECT_EQ(allocation_granularity(), info.dwAllocationGranularity);
    EXPECT_GT(allocation_granularity(), page_size());
    EXPECT_EQ(huge_page_size(), ::GetLargePageMinimum());
}

TEST(Granularity, IsOnePageForMemory) {
    ReadWrite pages(page());
    EXPECT_EQ(pages.size(), page());
    EXPECT_EQ(probe::permissions(pages.data()), "rw-");
    EXPECT_EQ(probe::permissions(pages.data() + page()), "");
    pages.resize(3 * page());
    EXPECT_EQ(probe::permissions(pages.data() + 2 * page()), "rw-");
    EXPECT_EQ(probe::permissions(pages.data() + 3 * page()), "");
}

TEST(ResizedPages, GrowAgainAfterTheyWereCut) {
    ReadWrite pages(40 * page());
    std::ranges::fill(pages, std::uint8_t{5});
    const std::uint8_t* const before = pages.data();
    pages.resize(3 * page());
    EXPECT_EQ(pages.data(), before);
    EXPECT_FALSE(probe::is_charged(before + 3 * page()));
    pages.resize(40 * page());
    EXPECT_EQ(pages.data(), before) << "the addresses behind were still there";
    EXPECT_TRUE(std::ranges::all_of(pages.bytes().first(3 * page()), [](int b) { return b == 5; }));
    EXPECT_TRUE(std::ranges::all_of(pages.bytes().last(37 * page()), [](int b) { return b == 0; }));
}

// Pitfall: windows-allocation-bounds
TEST(ResizedPages, KeepTheirAddressesUntilFullyUnmapped) {
    const std::size_t before = probe::mapping_count();
    {
        ReadWrite pages(40 * page());
        pages.resize(page());
        EXPECT_EQ(probe::mapping_count(), before + 2) << "pages in use, and addresses behind them";
    }
    EXPECT_EQ(probe::mapping_count(), before);
}

TEST(ResizedPages, AreCopiedWhenTheyCannotGrowInPlace) {
    ReadWrite pages(4 * page());
    std::ranges::fill(pages, std::uint8_t{5});
    const std::size_t before = probe::mapping_count();
    pages.resize(400 * page());
    EXPECT_EQ(probe::mapping_count(), before);
    EXPECT_TRUE(std::ranges::all_of(pages.bytes().first(4 * page()), [](int b) { return b == 5; }));
    EXPECT_EQ(pages[399 * page()], 0);
}

TEST(LastError, IsUnchangedAfterSuccess) {
    constexpr DWORD before = 12345;
    ReadWrite pages(40 * page(), {.alignment = std::size_t{1} << 20});
    ::SetLastError(before);
    const auto is_kept = [] { return ::GetLastError() == before; };
    pages.decommit(0, page());
    EXPECT_TRUE(is_kept()) << "decommit";
    pages.discard(0, page());
    EXPECT_TRUE(is_kept()) << "discard";
    pages.zero();
    EXPECT_TRUE(is_kept()) << "zero";
    pages.advise_use_soon();
    pages.populate();
    EXPECT_TRUE(is_kept()) << "advise";
    pages.resize(10 * page());
    pages.resize(400 * page());
    EXPECT_TRUE(is_kept()) << "resize";
    {
        const ReadWrite dropped = std::move(pages);
    }
    EXPECT_TRUE(is_kept()) << "unmap";
    {
        PagedVec<int> vec(100'000, 7);
        vec.clear_decommit();
        EXPECT_FALSE(PagedVec<int>::try_with_capacity(std::size_t{1} << 60));
    }
    EXPECT_TRUE(is_kept()) << "a vector";
}

}  // namespace
