// SPDX-License-Identifier: MIT
#include <memory_pages/region.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <sstream>

namespace memory_pages {
namespace {

Region at(std::uintptr_t address, std::size_t size) {
    Region region;
    region.address = reinterpret_cast<const std::uint8_t*>(address);
    region.size = size;
    return region;
}

TEST(Region, FormatsWithItsNameAtTheEnd) {
    Region region = at(0x7f0000001000, 0x3000);
    EXPECT_EQ(to_string(region), "0x7f0000001000-0x7f0000004000 --- free");
    region.kind = RegionKind::file;
    region.is_readable = region.is_executable = true;
    region.name = "/usr/lib/a name";
    EXPECT_EQ(to_string(region), "0x7f0000001000-0x7f0000004000 r-x file /usr/lib/a name");
    region.is_writable = true;
    region.name = "";
    region.kind = RegionKind::shared;
    EXPECT_EQ(to_string(region), "0x7f0000001000-0x7f0000004000 rwx shared");
}

TEST(Region, PrintsToStreamsAsFormatted) {
    Region region = at(0x1000, 0x1000);
    for (const RegionKind kind : {RegionKind::free, RegionKind::reserved, RegionKind::anonymous,
                                  RegionKind::shared, RegionKind::file}) {
        region.kind = kind;
        std::ostringstream out;
        out << region;
        EXPECT_EQ(out.str(), to_string(region));
    }
}

TEST(Region, EqualsARegionWithTheSameFields) {
    const Region one = at(0x1000, 0x1000);
    Region other = one;
    EXPECT_EQ(one, other);
    other.name.push_back('a');  // GCC 12 warns of an overlap for the assignment.
    EXPECT_NE(one, other);
}

}  // namespace
}  // namespace memory_pages
