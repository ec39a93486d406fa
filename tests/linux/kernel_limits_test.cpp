// SPDX-License-Identifier: MIT
// Limits as Linux reports them in files.
#include <memory_pages/memory_limits.hpp>
#include <memory_pages/page_size.hpp>
#include <memory_pages/pages.hpp>

#include "support/child.hpp"

#include <gtest/gtest.h>

#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>
#include <vector>

namespace {

using namespace memory_pages;

std::string line_of(const char* path) {
    std::string line;
    std::getline(std::ifstream(path) >> std::ws, line);
    return line;
}

TEST(KernelLimits, CountLockedMemory) {
    EXPECT_TRUE(child::passes([] {
        const Pages<AllowRead, AllowWrite, DenyExec> page(1);
        const MemoryLimits before = memory_limits();
        // A sanitizer replaces mlock by one that locks nothing.
        if (before.locked.used && ::syscall(SYS_mlock, page.data(), page.size()) == 0) {
            EXPECT_EQ(*memory_limits().locked.used, *before.locked.used + page.size());
        }
    }));
}

TEST(KernelLimits, MatchTheFilesOfTheKernel) {
    const MemoryLimits limits = memory_limits();
    EXPECT_EQ(limits.mappings.most.value_or(0),
              std::strtoull(line_of("/proc/sys/vm/max_map_count").c_str(), nullptr, 10));
    const std::string mode = line_of("/proc/sys/vm/overcommit_memory");
    const auto* const expected = &"012"[limits.overcommit == Overcommit::heuristic ? 0
                                        : limits.overcommit == Overcommit::always  ? 1
                                                                                   : 2];
    EXPECT_EQ(mode.empty() ? "0" : mode, std::string(expected, 1));
    const std::string policy = line_of("/sys/kernel/mm/transparent_hugepage/enabled");
    ASSERT_EQ(limits.transparent_huge_pages.has_value(), !policy.empty());
    if (limits.transparent_huge_pages) {
        const char* const chosen =
            *limits.transparent_huge_pages == TransparentHugePages::always       ? "[always]"
            : *limits.transparent_huge_pages == TransparentHugePages::when_asked ? "[madvise]"
                                                                                 : "[never]";
        EXPECT_NE(policy.find(chosen), std::string::npos) << policy;
    }
}

TEST(KernelLimits, ListHugePagesOfEveryPool) {
    std::vector<std::size_t> sizes;
    std::error_code error;
    for (const auto& pool :
         std::filesystem::directory_iterator("/sys/kernel/mm/hugepages", error)) {
        const std::string name = pool.path().filename().string();  // hugepages-2048kB
        sizes.push_back(std::strtoull(name.c_str() + name.find('-') + 1, nullptr, 10) * 1024);
    }
    if (huge_page_size() != 0) {
        sizes.push_back(huge_page_size());
    }
    std::ranges::sort(sizes);
    sizes.erase(std::unique(sizes.begin(), sizes.end()), sizes.end());
    const auto listed = memory_limits().huge_page_sizes;
    sizes.resize(listed.size());
    EXPECT_TRUE(std::ranges::equal(listed, sizes));
}

}  // namespace
