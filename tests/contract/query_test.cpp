// SPDX-License-Identifier: MIT
#include "contract/contract.hpp"

#include "os/huge.hpp"
#include "os/memory.hpp"
#include "os/query.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace {

using namespace contract;

using OsQuery = OsContract;

// Pitfall: map-list-changes
TEST_F(OsQuery, FindsRegionsInOrder) {
    const Mapped mapped(4 * page());
    ASSERT_TRUE(os::protect(mapped.base() + page(), page(), Access::read));
    const Reserved reserved(4 * page());
    detail::Walk* const walk = *os::start_walk();
    bool is_changed_found = false;
    bool is_reserved_found = false;
    std::uintptr_t at = 0;
    for (;;) {
        const os::Result<os::RegionInfo> region = os::region_from(*walk, at);
        ASSERT_TRUE(region);
        if (region->bytes == 0) {
            break;
        }
        ASSERT_GE(region->first, at);
        at = region->first + region->bytes;
        const auto holds = [&](const std::byte* base) {
            const auto number = reinterpret_cast<std::uintptr_t>(base);
            return region->first <= number && number < at;
        };
        if (holds(mapped.base() + page())) {
            is_changed_found = true;
            EXPECT_EQ(region->bytes, page());
            EXPECT_EQ(region->access, Access::read);
            EXPECT_EQ(region->kind, RegionKind::anonymous);
        }
        if (holds(reserved.base())) {
            is_reserved_found = true;
            EXPECT_EQ(region->access, Access::none);
            EXPECT_EQ(region->kind, RegionKind::reserved);
        }
    }
    os::end_walk(walk);
    EXPECT_TRUE(is_changed_found);
    EXPECT_TRUE(is_reserved_found);
}

TEST_F(OsQuery, FindsTheRegionAtAnAddressAsAWalkDoes) {
    const Mapped mapped(4 * page());
    ASSERT_TRUE(os::protect(mapped.base() + page(), page(), Access::read));
    const auto at = reinterpret_cast<std::uintptr_t>(mapped.base() + page());
    detail::Walk* const walk = *os::start_walk();
    const os::Result<os::RegionInfo> wanted = os::region_from(*walk, at);
    std::array<char, 64> name;
    const os::Result<os::RegionInfo> found = os::region_at(at, name);
    ASSERT_TRUE(wanted && found);
    EXPECT_EQ(found->first, wanted->first);
    EXPECT_EQ(found->bytes, wanted->bytes);
    EXPECT_EQ(found->access, Access::read);
    EXPECT_EQ(found->kind, wanted->kind);
    EXPECT_TRUE(wanted->name.starts_with(found->name));
    os::end_walk(walk);
}

int some_code() { return 1; }

TEST_F(OsQuery, CutsTheNameOfARegionToTheBuffer) {
    const auto code = reinterpret_cast<std::uintptr_t>(&some_code);
    std::array<char, 5000> whole;
    const os::Result<os::RegionInfo> found = os::region_at(code, whole);
    ASSERT_TRUE(found);
    std::array<char, 500> name;
    for (const std::size_t size : {std::size_t{0}, std::size_t{3}, std::size_t{300}}) {
        const os::Result<os::RegionInfo> cut = os::region_at(code, std::span(name).first(size));
        ASSERT_TRUE(cut);
        EXPECT_EQ(cut->first, found->first);
        EXPECT_TRUE(found->name.starts_with(cut->name));
        EXPECT_EQ(cut->name.empty(), size == 0 || found->name.empty());
    }
}

using ResidentMemory = OsMemory;

// Pitfall: query-touches
TEST_F(ResidentMemory, EqualsTheTouchedPages) {
    const Mapped mapped(4 * page());
    os::set_huge_pages(mapped.base(), mapped.bytes(), HugePages::never);
    fill(mapped.base() + page(), 2 * page(), 5);
    EXPECT_EQ(*os::resident_bytes(mapped.base(), 4 * page()), 2 * page());
    std::array<bool, 4> is_resident{true, true, true, true};
    EXPECT_TRUE(os::resident_pages(mapped.base(), is_resident));
    EXPECT_EQ(is_resident, (std::array{false, true, true, false}));
    EXPECT_EQ(*os::resident_bytes(mapped.base(), 4 * page()), 2 * page()) << "looking touches none";
}

}  // namespace
