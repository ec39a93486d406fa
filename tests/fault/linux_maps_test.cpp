// SPDX-License-Identifier: MIT
// Lines of /proc/self/maps, as nasty as they come.
#include "../../src/os/linux_maps.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace {

using namespace memory_pages;
using os::Access;

/// A region whose name is kept.
struct Line {
    explicit Line(const std::string& of) : text(of), region(os::parse_maps_line(text)) {}
    std::string text;
    std::optional<os::RegionInfo> region;
};

TEST(LinuxMaps, LinesAreAddressesPermissionsAndAName) {
    const Line line(
        "7f6d3c1d2000-7f6d3c21f000 r-xp 00026000 fe:01 264173    /usr/lib/x86_64/libc.so.6");
    ASSERT_TRUE(line.region);
    EXPECT_EQ(line.region->first, 0x7f6d3c1d2000U);
    EXPECT_EQ(line.region->bytes, 0x4d000U);
    EXPECT_EQ(line.region->access, Access::read_exec);
    EXPECT_EQ(line.region->kind, RegionKind::file);
    EXPECT_EQ(line.region->name, "/usr/lib/x86_64/libc.so.6");
}

TEST(LinuxMaps, LinesWithoutANameMayEndWithABlankOrWithout) {
    for (const char* const end : {"0", "0 "}) {
        const Line line("00400000-00401000 rw-p 00000000 00:00 " + std::string(end));
        ASSERT_TRUE(line.region);
        EXPECT_EQ(line.region->kind, RegionKind::anonymous);
        EXPECT_EQ(line.region->access, Access::read_write);
        EXPECT_EQ(line.region->name, "");
    }
    const Line reserved("00400000-00401000 ---p 00000000 00:00 0 ");
    ASSERT_TRUE(reserved.region);
    EXPECT_EQ(reserved.region->kind, RegionKind::reserved);
}

TEST(LinuxMaps, NamesMayHoldAnything) {
    const std::string head = "00400000-00401000 rw-p 00000000 fe:01 17    ";
    for (const std::string name : {"/tmp/a  b ", "/tmp/x (deleted)", "/tmp/00400000-00500000 rw-p",
                                   "/tmp/\\01", "/\xff\xfe"}) {
        const Line line(head + name);
        ASSERT_TRUE(line.region);
        EXPECT_EQ(line.region->name, name);
        EXPECT_EQ(line.region->kind, RegionKind::file);
    }
    const Line broken(head + "/tmp/a\\012\\012b\\012");
    ASSERT_TRUE(broken.region);
    EXPECT_EQ(broken.region->name, "/tmp/a\n\nb\n");
}

TEST(LinuxMaps, NamesInBracketsAreNoFiles) {
    for (const std::string name : {"[heap]", "[stack]", "[vdso]", "[anon:a name of a user]"}) {
        const Line line("00400000-00401000 rw-p 00000000 00:00 0    " + name);
        ASSERT_TRUE(line.region);
        EXPECT_EQ(line.region->name, name);
        EXPECT_EQ(line.region->kind, RegionKind::anonymous);
    }
}

TEST(LinuxMaps, SharedMemoryIsNoFileThoughTheKernelHasOne) {
    for (const std::string name : {"/dev/zero (deleted)", "/memfd:x (deleted)", "/SYSV00000000",
                                   "/dev/shm/x", "[anon_shmem:x]"}) {
        const Line shared("00400000-00401000 rw-s 00000000 00:01 1029    " + name);
        ASSERT_TRUE(shared.region);
        EXPECT_EQ(shared.region->kind, RegionKind::shared) << name;
        const Line copied("00400000-00401000 rw-p 00000000 00:01 1029    " + name);
        ASSERT_TRUE(copied.region);
        EXPECT_EQ(copied.region->kind, RegionKind::file) << "a copy on writing";
    }
    const Line file("00400000-00401000 rw-s 00000000 fe:01 1029    /home/dev/zero");
    ASSERT_TRUE(file.region);
    EXPECT_EQ(file.region->kind, RegionKind::file);
}

TEST(LinuxMaps, WhatIsNoLineIsNone) {
    const std::string whole = "00400000-00401000 rw-p 00000000 00:00 0";
    for (std::size_t length = 0; length < std::string("00400000-00401000 rw-p").size(); ++length) {
        EXPECT_FALSE(Line(whole.substr(0, length)).region) << length;
    }
    for (const std::string text :
         {"-", "x", "00400000-", "00400000 00401000 rw-p ", "zz-00401000 rw-p 00000000 00:00 0",
          "00401000-00401000 rw-p 00000000 00:00 0", "00401000-00400000 rw-p 00000000 00:00 0",
          "11111111111111111-222222222222222222 rw-p 00000000 00:00 0"}) {
        EXPECT_FALSE(Line(text).region) << text;
    }
}

TEST(LinuxMaps, LinesThatWereCutShortStayWithinThemselves) {
    const std::string whole =
        "7f6d3c1d2000-7f6d3c21f000 r-xp 00026000 fe:01 264173    /usr/lib/a\\012b";
    for (std::size_t length = 0; length < whole.size(); ++length) {
        const Line line(whole.substr(0, length));
        if (line.region) {
            EXPECT_EQ(line.region->first, 0x7f6d3c1d2000U);
            EXPECT_TRUE(std::string("/usr/lib/a\nb").starts_with(line.region->name) ||
                        line.region->name.starts_with("/usr/lib/a\\"))
                << line.region->name;
        }
    }
}

}  // namespace
