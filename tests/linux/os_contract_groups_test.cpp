// SPDX-License-Identifier: MIT
// The limits of control groups, read from files that replace those of a system.

#include "os/linux/kernel_files/cgroups.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <string>

namespace {

using namespace memory_pages;

constexpr std::size_t mebi = std::size_t{1} << 20;

class ControlGroups : public testing::Test {
protected:
    ControlGroups() {
        std::string name = testing::TempDir() + "groups.XXXXXX";
        EXPECT_NE(::mkdtemp(name.data()), nullptr);
        root_ = name;
    }
    ~ControlGroups() override { std::filesystem::remove_all(root_); }

    void write(const std::string& path, const std::string& text) const {
        const std::filesystem::path file(root_ + path);
        std::filesystem::create_directories(file.parent_path());
        std::ofstream(file) << text;
    }
    void be_in(const std::string& groups, const std::string& mounts) const {
        write("/proc/self/cgroup", groups);
        write("/proc/self/mountinfo", mounts);
    }
    [[nodiscard]] os::GroupLimits memory() const { return os::memory_of_groups(root_.c_str()); }
    [[nodiscard]] Limit huge_pages() const {
        Limit limit;
        os::huge_pages_of_groups(root_.c_str(), {{2 * mebi}}, {&limit, 1});
        return limit;
    }
    [[nodiscard]] bool refuse(std::size_t bytes) const {
        return os::groups_refuse_huge_pages(root_.c_str(), 2 * mebi, bytes);
    }

    static void expect_none(const Limit& limit) {
        EXPECT_EQ(limit.most, std::nullopt);
        EXPECT_TRUE(limit.is_known);
    }
    static void expect_unknown(const Limit& limit) {
        EXPECT_EQ(limit.most, std::nullopt);
        EXPECT_FALSE(limit.is_known);
    }

    static constexpr const char* second =
        "22 1 0:5 / /proc rw - proc proc rw\n"
        "41 31 0:38 / /cg rw,nosuid shared:9 - cgroup2 none rw\n";
    static constexpr const char* first =
        "35 31 0:32 / /cg/cpu rw - cgroup cgroup rw,cpu\n"
        "36 31 0:33 / /cg/memory rw - cgroup cgroup rw,hugetlb,memory\n";

private:
    std::string root_;
};

// Pitfall: group-memory-limit
TEST_F(ControlGroups, ReportOwnAndLowestLimitOfVersion2) {
    be_in("0::/a/b/c/d\n", second);
    write("/cg/cgroup.procs", "");
    write("/cg/a/memory.max", "max\n");
    write("/cg/a/b/memory.max", "1048576\n");
    write("/cg/a/b/memory.current", "4096\n");
    write("/cg/a/b/c/memory.max", "3145728\n");
    write("/cg/a/b/c/d/memory.max", "2097152\n");
    write("/cg/a/b/c/d/memory.current", "8192\n");
    EXPECT_EQ(memory().own.most, 2 * mebi);
    EXPECT_EQ(memory().own.used, 8192U);
    EXPECT_EQ(memory().above.most, mebi);
    EXPECT_EQ(memory().above.used, 4096U);
    EXPECT_TRUE(memory().above.is_known);
}

TEST_F(ControlGroups, ReportOwnAndLowestLimitOfVersion1) {
    be_in("7:hugetlb,memory:/a/b\n0::/other\n", first);
    write("/cg/memory/memory.limit_in_bytes", "9223372036854771712\n");
    write("/cg/memory/a/memory.limit_in_bytes", "4194304\n");
    write("/cg/memory/a/memory.usage_in_bytes", "1048576\n");
    write("/cg/memory/a/b/memory.limit_in_bytes", "9223372036854710272\n");  // With 64 KiB pages.
    write("/cg/memory/a/b/memory.usage_in_bytes", "12288\n");
    write("/cg/memory/a/b/hugetlb.2MB.limit_in_bytes", "6291456\n");
    write("/cg/memory/a/b/hugetlb.2MB.usage_in_bytes", "2097152\n");
    expect_none(memory().own);
    EXPECT_EQ(memory().own.used, 12288U);
    EXPECT_EQ(memory().above.most, 4 * mebi);
    EXPECT_EQ(memory().above.used, mebi);
    EXPECT_EQ(huge_pages().most, 6 * mebi);
    EXPECT_FALSE(refuse(4 * mebi));
    EXPECT_TRUE(refuse(6 * mebi));
}

TEST_F(ControlGroups, HaveNoLimitByDefault) {
    be_in("0::/\n", second);
    write("/cg/cgroup.procs", "");
    expect_none(memory().own);
    expect_none(memory().above);
    expect_none(huge_pages());
    EXPECT_FALSE(refuse(std::size_t{1} << 40));
}

// Pitfall: unreadable-taken-for-none
TEST_F(ControlGroups, AreUnknownWhenUnreadable) {
    expect_unknown(memory().own);
    be_in("0::/a\n", "22 1 0:5 / /proc rw - proc proc rw\n");
    expect_unknown(memory().own);
    expect_unknown(memory().above);
    be_in("0::/../a\n", second);
    expect_unknown(memory().own);
    be_in("0::/a\n", second);
    expect_unknown(memory().own);
    write("/cg/a/memory.max", "many\n");
    expect_unknown(memory().own);
    EXPECT_FALSE(refuse(2 * mebi));
}

TEST_F(ControlGroups, AreUnknownAboveANamespaceOrMount) {
    be_in("0::/\n", second);
    write("/cg/cgroup.type", "domain\n");
    write("/cg/memory.max", "1048576\n");
    EXPECT_EQ(memory().own.most, mebi);
    expect_unknown(memory().above);
    be_in("0::/box/a\n", "41 31 0:38 /box /cg rw - cgroup2 none rw\n");
    write("/cg/a/memory.max", "max\n");
    expect_none(memory().own);
    EXPECT_EQ(memory().above.most, mebi);
    EXPECT_FALSE(memory().above.is_known);
    be_in("0::/boxes\n", "41 31 0:38 /box /cg rw - cgroup2 none rw\n");
    expect_unknown(memory().own);
}

TEST_F(ControlGroups, AreFoundBelowAPathWithBlanks) {
    be_in("0::/a\n", "41 31 0:38 / /c\\040\\134g rw - cgroup2 none rw\n");
    write("/c \\g/a/memory.max", "4096\n");
    EXPECT_EQ(memory().own.most, 4096U);
}

// Pitfall: huge-group-limit
TEST_F(ControlGroups, RefuseHugePagesBeyondTheLimitOfAny) {
    be_in("0::/a/b\n", second);
    write("/cg/cgroup.procs", "");
    write("/cg/a/hugetlb.2MB.max", "8388608\n");
    write("/cg/a/hugetlb.2MB.rsvd.current", "6291456\n");
    write("/cg/a/hugetlb.2MB.current", "0\n");
    write("/cg/a/b/hugetlb.2MB.max", "4194304\n");
    write("/cg/a/b/hugetlb.2MB.current", "0\n");
    EXPECT_FALSE(refuse(2 * mebi));
    EXPECT_TRUE(refuse(4 * mebi)) << "more is promised to others";
    EXPECT_EQ(huge_pages().most, 4 * mebi);
    EXPECT_EQ(huge_pages().used, 0U);
    write("/cg/a/hugetlb.2MB.current", "8388608\n");
    EXPECT_TRUE(refuse(2 * mebi)) << "more is touched than was promised";
    write("/cg/a/b/hugetlb.2MB.max", "max\n");
    EXPECT_EQ(huge_pages().most, 8 * mebi);
    EXPECT_EQ(huge_pages().used, 8 * mebi);
}

}  // namespace
