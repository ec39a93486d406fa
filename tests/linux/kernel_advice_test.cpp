// SPDX-License-Identifier: MIT
// Advice as Linux reports it: counters and flags of a mapping in /proc/self/smaps.
#include <memory_pages/advice.hpp>
#include <memory_pages/huge_pages.hpp>
#include <memory_pages/page_pool.hpp>
#include <memory_pages/page_size.hpp>
#include <memory_pages/paged_vec.hpp>
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
#include <utility>

namespace {

using namespace memory_pages;

using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;

/// The value of `key` in the part of smaps for the mapping at this address.
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

TEST_F(KernelAdvice, ColdClearsTheAccessedBitAndKeepsPages) {
    if (!is_supported(Advice::cold)) {
        GTEST_SKIP() << "this kernel does not know cold pages";
    }
    ReadWrite pages(64 * page_size(), {.huge_pages = HugePages::never});
    std::ranges::fill(pages, 5);
    const void* const base = pages.data();
    const std::size_t all = pages.size() / 1024;
    EXPECT_EQ(kibibytes(base, "Referenced:"), all);
    // Half of the pages.
    pages.advise(Advice::cold, 0, pages.size() / 2);
    EXPECT_EQ(kibibytes(base, "Referenced:"), all / 2);
    EXPECT_EQ(kibibytes(base, "Rss:"), all);
    EXPECT_TRUE(std::ranges::all_of(pages, [](std::uint8_t byte) { return byte == 5; }));
    EXPECT_EQ(kibibytes(base, "Referenced:"), all) << "used again";
}

// Pitfall: page-out-without-swap
// Pitfall: mincore-swap
TEST_F(KernelAdvice, PageOutMovesPagesToSwapAndBack) {
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

TEST_F(KernelAdvice, NeverMergeMakesPagesUnmergeable) {
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

/// Whether the kernel's flags there include these two letters: rr (random), sr (sequential), hg and
/// nh (huge pages and none).
bool is_marked(const void* address, std::string_view flag) {
    const std::string flags = shown(address, "VmFlags:");
    const std::size_t at = flags.find(flag);
    return at != std::string::npos && at != 0 && flags[at - 1] == ' ' &&
           flags[at + flag.size()] == ' ';
}

// Pitfall: pool-advice
TEST_F(KernelAdvice, IsUndoneBeforeThePoolReusesPages) {
    PagePool pool;
    const auto take = [&] {
        return pool.take<AllowRead, AllowWrite, DenyExec>(64 * page_size(),
                                                          Contents::indeterminate);
    };
    const std::uint8_t* base = nullptr;
    for (const auto& [advice, flag] :
         {std::pair(Advice::random, "rr"), std::pair(Advice::sequential, "sr")}) {
        {
            const auto pages = take();
            base = pages.data();
            pages.advise(advice, 3 * page_size(), page_size());
            EXPECT_TRUE(is_marked(base + 3 * page_size(), flag));
            EXPECT_FALSE(is_marked(base, flag));
        }
        const auto pages = take();
        ASSERT_EQ(pages.data(), base);
        EXPECT_FALSE(is_marked(base + 3 * page_size(), flag));
    }
}

// Pitfall: pool-advice
TEST_F(KernelAdvice, IsUndoneBeforeThePoolReusesAVector) {
    // Room for huge pages behind the first, which a vector keeps small.
    const std::size_t bytes = 4 * std::max(std::size_t{8} << 20, huge_page_size());
    for (const HugePages policy : {HugePages::prefer, HugePages::never, HugePages::system}) {
        PagePool pool({.huge_pages = policy});
        const bool is_huge = policy == HugePages::prefer && is_supported(policy);
        const auto flags_of_the_next = [&] {
            PagedVec<std::uint8_t> vec(pool);
            vec.resize(bytes);
            return shown(vec.data() + bytes / 2, "VmFlags:");
        };
        const std::string before = flags_of_the_next();
        {
            PagedVec<std::uint8_t> vec(pool);
            vec.set_huge_pages(is_huge ? HugePages::never : HugePages::prefer);
            vec.resize(bytes);
            vec.advise(Advice::random, 0, bytes);
            EXPECT_TRUE(is_marked(vec.data() + bytes / 2, "rr"));
            if (is_supported(HugePages::prefer)) {
                EXPECT_TRUE(is_marked(vec.data() + bytes / 2, is_huge ? "nh" : "hg"));
            }
        }
        EXPECT_EQ(flags_of_the_next(), before);
    }
}

}  // namespace
