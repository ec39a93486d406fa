// SPDX-License-Identifier: MIT
// What Linux shows of advice: what it counts and marks of a mapping, in /proc/self/smaps.
#include <memory_pages/advice.hpp>
#include <memory_pages/page_size.hpp>
#include <memory_pages/pages.hpp>

#include "support/probe.hpp"

#include <gtest/gtest.h>

#include <sys/mman.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>

namespace {

using namespace memory_pages;

using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;

/// What stands behind `key` in the part of smaps that is about the mapping at this address.
std::string shown(const void* address, std::string_view key) {
    const auto at = reinterpret_cast<std::uintptr_t>(address);
    std::ifstream smaps("/proc/self/smaps");
    bool is_here = false;
    for (std::string line; std::getline(smaps, line);) {
        char* end = nullptr;
        const std::uintptr_t first = std::strtoull(line.c_str(), &end, 16);
        if (*end == '-') {
            is_here = first <= at && at < std::strtoull(end + 1, nullptr, 16);
        } else if (is_here && line.starts_with(key)) {
            return line.substr(key.size()) + ' ';
        }
    }
    return "";
}

std::size_t kibibytes(const void* address, std::string_view key) {
    return std::strtoull(shown(address, key).c_str(), nullptr, 10);
}

bool is_mergeable(const void* address) {
    return shown(address, "VmFlags:").find(" mg ") != std::string::npos;
}

class KernelAdvice : public testing::Test {
protected:
    void SetUp() override {
        if (!probe::advice_acts()) {
            GTEST_SKIP() << "an emulator takes all advice, and does nothing";
        }
    }
};

TEST_F(KernelAdvice, ColdPagesLoseTheMarksOfUseAndStay) {
    if (!is_supported(Advice::cold)) {
        GTEST_SKIP() << "this kernel does not know cold pages";
    }
    ReadWrite pages(64 * page_size(), {.huge_pages = HugePages::never});
    std::ranges::fill(pages, 5);
    const void* const base = pages.data();
    const std::size_t all = pages.size() / 1024;
    EXPECT_EQ(kibibytes(base, "Referenced:"), all);
    // Half of it.
    pages.advise(Advice::cold, 0, pages.size() / 2);
    EXPECT_EQ(kibibytes(base, "Referenced:"), all / 2);
    EXPECT_EQ(kibibytes(base, "Rss:"), all);
    EXPECT_TRUE(std::ranges::all_of(pages, [](std::uint8_t byte) { return byte == 5; }));
    EXPECT_EQ(kibibytes(base, "Referenced:"), all) << "used again";
}

TEST_F(KernelAdvice, PagesThatArePagedOutGoToSwapAndComeBack) {
    if (!is_supported(Advice::page_out)) {
        GTEST_SKIP() << "there is no swap";
    }
    ReadWrite pages(64 * page_size(), {.huge_pages = HugePages::never});
    std::ranges::fill(pages, 5);
    const void* const base = pages.data();
    pages.advise(Advice::page_out, 0, pages.size() / 2);
    const std::size_t all = pages.size() / 1024;
    EXPECT_GE(kibibytes(base, "Swap:"), all / 4) << "some stay that the kernel itself has in hand";
    EXPECT_LE(kibibytes(base, "Rss:"), all / 4 * 3);
    EXPECT_TRUE(std::ranges::all_of(pages, [](std::uint8_t byte) { return byte == 5; }));
    EXPECT_EQ(kibibytes(base, "Rss:"), all);
}

TEST_F(KernelAdvice, PagesThatAreNeverToMergeAreNotMergeable) {
    ReadWrite pages(4 * page_size());
    std::ranges::fill(pages, 5);
    auto* const base = const_cast<std::uint8_t*>(pages.data());
    if (!is_supported(Advice::never_merge) || ::madvise(base, pages.size(), MADV_MERGEABLE) != 0) {
        GTEST_SKIP() << "this kernel merges nothing";
    }
    ASSERT_TRUE(is_mergeable(base));
    pages.advise(Advice::never_merge, 2 * page_size(), 1);
    EXPECT_TRUE(is_mergeable(base));
    EXPECT_FALSE(is_mergeable(base + 2 * page_size()));
    pages.advise(Advice::never_merge);
    EXPECT_FALSE(is_mergeable(base));
    EXPECT_TRUE(std::ranges::all_of(pages, [](std::uint8_t byte) { return byte == 5; }));
}

}  // namespace
