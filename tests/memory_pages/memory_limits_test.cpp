// SPDX-License-Identifier: MIT
#include <memory_pages/feature.hpp>
#include <memory_pages/memory_limits.hpp>
#include <memory_pages/page_size.hpp>
#include <memory_pages/pages.hpp>

#include "support/probe.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <sstream>
#include <string>

namespace memory_pages {
namespace {

TEST(MemoryLimits, MatchThisSystem) {
    const MemoryLimits limits = memory_limits();
    EXPECT_EQ(limits.page_size, probe::page_size());
    EXPECT_EQ(limits.allocation_granularity, allocation_granularity());
    EXPECT_EQ(limits.overcommit == Overcommit::always, !is_supported(Feature::commit_charge));
}

TEST(MemoryLimits, ListEveryHugePageSizeAndTheDefault) {
    const auto sizes = memory_limits().huge_page_sizes;
    const auto end = std::ranges::find(sizes, std::size_t{0});
    EXPECT_TRUE(std::all_of(end, sizes.end(), [](std::size_t size) { return size == 0; }));
    EXPECT_TRUE(std::is_sorted(sizes.begin(), end));
    for (auto size = sizes.begin(); size != end; ++size) {
        EXPECT_TRUE(std::has_single_bit(*size));
        EXPECT_GT(*size, page_size());
    }
    if (huge_page_size() != 0) {
        EXPECT_NE(std::find(sizes.begin(), end, huge_page_size()), end);
    }
}

TEST(MemoryLimits, SayWhetherHugePagesAreBuilt) {
    const auto policy = memory_limits().transparent_huge_pages;
    const bool may_be = policy.value_or(TransparentHugePages::never) != TransparentHugePages::never;
    if (is_supported(HugePages::prefer)) {
        EXPECT_TRUE(may_be);
    }
}

TEST(MemoryLimits, SayHowManyHugePagesAreUsed) {
    (void)probe::mapping_count();  // The first call takes memory.
    const MemoryLimits before = memory_limits();
    if (before.mappings.used) {
        EXPECT_NEAR(static_cast<double>(*before.mappings.used),
                    static_cast<double>(probe::mapping_count()), 3);
        EXPECT_LT(*before.mappings.used, *before.mappings.most);
    }
    constexpr std::size_t much = std::size_t{1} << 30;
    const Pages<AllowRead, AllowWrite, DenyExec> pages(much);
    const MemoryLimits after = memory_limits();
    if (before.address_space.used) {
        EXPECT_GE(*after.address_space.used, *before.address_space.used + much);
        EXPECT_LE(*after.address_space.used, probe::address_space_bytes() + much / 16);
        EXPECT_GE(*after.data.used, *before.data.used + much);
    }
    if (before.committed.used) {
        EXPECT_GT(*after.committed.used, 0U);
        EXPECT_GT(*after.committed.most, 0U);
    }
}

TEST(MemoryLimits, FormatAsOneLineEach) {
    const std::string text = to_string(MemoryLimits{
        .page_size = 4096,
        .allocation_granularity = 65536,
        .huge_page_sizes = {std::size_t{2} << 20, std::size_t{1} << 30},
        .transparent_huge_pages = TransparentHugePages::when_asked,
        .overcommit = Overcommit::heuristic,
        .committed = {.used = 1000, .most = 3 << 20},
        .mappings = {.used = 2048, .most = {}, .is_known = false},
        .locked = {.used = {}, .most = 8192},
        .address_space = {.used = 0, .most = {}},
        .data = {},
        .group_memory = {.used = 1024, .most = 4096},
        .group_memory_above = {.is_known = false},
        .group_huge_pages = {Limit{.used = 0, .most = std::size_t{4} << 20}},
    });
    EXPECT_EQ(text,
              "page size: 4 KiB\n"
              "allocation granularity: 64 KiB\n"
              "huge page sizes: 2 MiB, 1 GiB\n"
              "transparent huge pages: when asked\n"
              "overcommit: heuristic\n"
              "committed by the system: 1000 bytes of 3 MiB\n"
              "mappings: 2048, limit unknown\n"
              "locked: at most 8 KiB\n"
              "address space: 0 bytes, no limit\n"
              "data: no limit\n"
              "memory of the control group: 1 KiB of 4 KiB\n"
              "memory of control groups above: limit unknown\n"
              "control groups' huge pages of 2 MiB: 0 bytes of 4 MiB\n"
              "control groups' huge pages of 1 GiB: no limit");
    const std::string bare = to_string(MemoryLimits{});
    EXPECT_NE(bare.find("huge page sizes: none\n"), std::string::npos);
    EXPECT_NE(bare.find("overcommit: unknown\n"), std::string::npos);
    EXPECT_NE(bare.find("transparent huge pages: unknown, or not built\n"), std::string::npos);
}

TEST(MemoryLimits, PrintToStreamsAsFormatted) {
    const MemoryLimits limits = memory_limits();
    std::ostringstream out;
    out << limits;
    EXPECT_EQ(out.str(), to_string(limits));
}

}  // namespace
}  // namespace memory_pages
