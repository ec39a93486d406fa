// SPDX-License-Identifier: MIT
// Huge pages in a control group (version 2) with a limit on them.

#include "support/child.hpp"

#include <memory_pages/memory_pages.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdlib>
#include <fstream>
#include <string>

namespace {

using namespace memory_pages;

using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;

constexpr std::size_t two_mebi = std::size_t{2} << 20;

bool put(const std::string& path, const std::string& value) {
    std::ofstream file(path);
    return static_cast<bool>(file << value << std::flush);
}

/// A group that may have one huge page, on a system with four.
class Group {
public:
    Group() {
        std::getline(std::ifstream(pool), before_);
        for (const char* const top : {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"}) {
            path_ = std::string(top) + "/memory_pages_test";
            if (::access((std::string(top) + "/cgroup.controllers").c_str(), F_OK) == 0 &&
                put(std::string(top) + "/cgroup.subtree_control", "+hugetlb") &&
                ::mkdir(path_.c_str(), 0755) == 0) {
                is_made_ = put(pool, "4") && put(path_ + "/hugetlb.2MB.max", "2097152");
                return;
            }
        }
    }
    Group(const Group&) = delete;
    Group& operator=(const Group&) = delete;
    ~Group() {
        ::rmdir(path_.c_str());
        put(pool, before_);
    }

    [[nodiscard]] bool is_made() const { return is_made_; }
    void enter() const { ASSERT_TRUE(put(path_ + "/cgroup.procs", std::to_string(::getpid()))); }

private:
    static constexpr const char* pool = "/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages";

    std::string before_;
    std::string path_;
    bool is_made_ = false;
};

// Pitfall: huge-group-limit
TEST(ControlGroupLimit, RefusesHugePagesAtMapping) {
    if (std::getenv("MEMORY_PAGES_TEST_OVERCOMMIT") == nullptr) {
        GTEST_SKIP() << "sets vm.nr_hugepages of the whole system, which only "
                        "MEMORY_PAGES_TEST_OVERCOMMIT=1 allows";
    }
    const Group group;
    if (!group.is_made() || huge_page_size() != two_mebi) {
        GTEST_SKIP() << "no group with a limit on huge pages can be made here";
    }
    EXPECT_TRUE(child::passes([&group] {
        group.enter();
        const PageOptions required{.huge_pages = HugePages::require};
        EXPECT_EQ(ReadWrite::try_new(2 * two_mebi, required).error(), PageError::huge_page_limit);
        auto first = ReadWrite::try_new(two_mebi, required);
        ASSERT_TRUE(first) << first.error();
        EXPECT_EQ(ReadWrite::try_new(two_mebi, required).error(), PageError::huge_page_limit)
            << "what is promised counts, though nothing is touched yet";
        (*first)[0] = 1;
        const MemoryLimits limits = memory_limits();
        for (std::size_t i = 0; i != limits.huge_page_sizes.size(); ++i) {
            if (limits.huge_page_sizes[i] == two_mebi) {
                EXPECT_EQ(limits.group_huge_pages[i].most, two_mebi);
                EXPECT_EQ(limits.group_huge_pages[i].used, two_mebi);
            }
        }
    }));
}

}  // namespace
