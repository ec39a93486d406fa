// SPDX-License-Identifier: MIT
// Unusual lines of /proc/self/maps.
#include "os/linux/kernel_files/maps.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace {

using namespace memory_pages;
using os::Access;

/// A region with a copy of its name.
struct Line {
    explicit Line(const std::string& of, os::MemoryFile file = os::MemoryFile::none) : text(of) {
        mapping = os::parse_maps_line(text);
        if (mapping) {
            region = {mapping->first, mapping->end - mapping->first, mapping->access,
                      os::kind_of(*mapping, file),
                      os::unescaped(std::span(text).last(mapping->name.size()))};
        }
    }
    std::string text;
    std::optional<os::Mapping> mapping;
    std::optional<os::RegionInfo> region;
};

TEST(MapsParser, ReadsAddressesPermissionsAndName) {
    const Line line(
        "7f6d3c1d2000-7f6d3c21f000 r-xp 00026000 fe:01 264173    /usr/lib/x86_64/libc.so.6");
    ASSERT_TRUE(line.region);
    EXPECT_EQ(line.region->first, 0x7f6d3c1d2000U);
    EXPECT_EQ(line.region->bytes, 0x4d000U);
    EXPECT_EQ(line.region->access, Access::read_exec);
    EXPECT_EQ(line.region->kind, RegionKind::file);
    EXPECT_EQ(line.region->name, "/usr/lib/x86_64/libc.so.6");
}

TEST(MapsParser, ReadsLinesWithoutANameAndBlank) {
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

// Pitfall: map-file-names
TEST(MapsParser, ReadsNamesWithAnyCharacters) {
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

TEST(MapsParser, ReadsBracketedNamesAsNoFile) {
    for (const std::string name : {"[heap]", "[stack]", "[vdso]", "[anon:a name of a user]"}) {
        const Line line("00400000-00401000 rw-p 00000000 00:00 0    " + name);
        ASSERT_TRUE(line.region);
        EXPECT_EQ(line.region->name, name);
        EXPECT_EQ(line.region->kind, RegionKind::anonymous);
    }
}

TEST(MapsParser, ReadsSharedMemoryAsNoFile) {
    for (const std::string permissions : {"rw-s", "rw-p", "---p"}) {
        const Line line("00400000-00401000 " + permissions + " 00000000 00:01 1029    /memfd:x",
                        os::MemoryFile::shared);
        ASSERT_TRUE(line.region);
        EXPECT_EQ(line.region->kind, RegionKind::shared) << permissions;
    }
}

TEST(MapsParser, ReadsPrivateHugePagesAsNoFile) {
    const auto kind_of = [](const std::string& permissions) {
        const Line line(
            "00400000-00600000 " + permissions + " 00000000 00:10 1029    /anon_hugepage (deleted)",
            os::MemoryFile::anonymous_when_private);
        return line.region.value().kind;
    };
    EXPECT_EQ(kind_of("rw-p"), RegionKind::anonymous);
    EXPECT_EQ(kind_of("---p"), RegionKind::reserved);
    EXPECT_EQ(kind_of("rw-s"), RegionKind::shared);
}

TEST(MapsParser, ReadsFilesOfAnyName) {
    for (const std::string name : {"/memfd:x", "/dev/zero", "/dev/shm/x", "/SYSV00000000"}) {
        const Line file("00400000-00401000 rw-s 00000000 fe:01 1029    " + name);
        ASSERT_TRUE(file.region);
        EXPECT_EQ(file.region->kind, RegionKind::file);
    }
}

TEST(MapsParser, ReadsADeviceWithoutInodeAsAFile) {
    const Line first("00400000-00401000 rw-s 00000000 00:01 0    /SYSV00000000 (deleted)",
                     os::MemoryFile::shared);
    ASSERT_TRUE(first.region);
    EXPECT_TRUE(first.mapping->has_file());
    EXPECT_EQ(first.region->kind, RegionKind::shared);
    const Line device("00400000-00401000 rw-s 00000000 103:0a 4294967297    /x");
    ASSERT_TRUE(device.mapping);
    EXPECT_EQ(device.mapping->device, (os::Device{0x103, 0x0a}));
    EXPECT_EQ(device.mapping->inode, 4294967297U);
}

TEST(MapsParser, RejectsMalformedLines) {
    const std::string whole = "00400000-00401000 rw-p 00000000 00:00 0";
    for (std::size_t length = 0; length < std::string("00400000-00401000 rw-p").size(); ++length) {
        EXPECT_FALSE(Line(whole.substr(0, length)).region) << length;
    }
    for (const std::string text :
         {"-", "x", "00400000-", "00400000 00401000 rw-p ", "zz-00401000 rw-p 00000000 00:00 0",
          "00401000-00401000 rw-p 00000000 00:00 0", "00401000-00400000 rw-p 00000000 00:00 0",
          "11111111111111111-222222222222222222 rw-p 00000000 00:00 0",
          "00400000-00401000 rw-p 00000000 00:00 x", "00400000-00401000 rw-p 00000000 00:00 ",
          "00400000-00401000 rw-p 00000000 0000 0", "00400000-00401000 rw-p z 00:00 0",
          "00400000-00401000 rw-p 00000000 00:zz 0",
          "00400000-00401000 rw-p 00000000 00:00 99999999999999999999"}) {
        EXPECT_FALSE(Line(text).region) << text;
    }
}

TEST(MapsParser, StaysWithinTruncatedLines) {
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

TEST(MapsParser, DropsAPartOfAnEscapeFromANameThatWasCut) {
    for (const std::string_view part : {"", "\\", "\\0", "\\01"}) {
        std::string text = "/a" + std::string(part);
        const std::span<char> name = os::without_part(text);
        EXPECT_EQ(std::string_view(name.data(), name.size()), "/a");
    }
    std::string whole = "/a\\012";
    EXPECT_EQ(os::without_part(whole).size(), whole.size());
}

}  // namespace
