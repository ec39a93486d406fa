// SPDX-License-Identifier: MIT
#include <memory_pages/access.hpp>

#include <gtest/gtest.h>

#include <type_traits>

namespace memory_pages {
namespace {

using detail::access_of;

template <class T>
concept AnyPermission = ReadPermission<T> || WritePermission<T> || ExecPermission<T>;

TEST(Access, PermissionsFitTheirPlaceOnly) {
    static_assert(ReadPermission<AllowRead> && ReadPermission<DenyRead>);
    static_assert(WritePermission<AllowWrite> && WritePermission<DenyWrite>);
    static_assert(ExecPermission<AllowExec> && ExecPermission<DenyExec>);
    static_assert(!ReadPermission<AllowWrite> && !ReadPermission<DenyExec>);
    static_assert(!WritePermission<AllowRead> && !WritePermission<AllowExec>);
    static_assert(!ExecPermission<DenyRead> && !ExecPermission<AllowWrite>);
    static_assert(!AnyPermission<int> && !AnyPermission<void> && !AnyPermission<const AllowRead>);
}

TEST(Access, PermissionsAreEmptyTypes) {
    static_assert(std::is_empty_v<AllowRead> && std::is_empty_v<DenyRead>);
    static_assert(std::is_empty_v<AllowWrite> && std::is_empty_v<DenyWrite>);
    static_assert(std::is_empty_v<DenyExec>);
}

TEST(Access, TypesMapToASetOfBits) {
    EXPECT_EQ((access_of<DenyRead, DenyWrite, DenyExec>), Access::none);
    EXPECT_EQ((access_of<AllowRead, DenyWrite, DenyExec>), Access::read);
    EXPECT_EQ((access_of<DenyRead, AllowWrite, DenyExec>), Access::write);
    EXPECT_EQ((access_of<AllowRead, AllowWrite, DenyExec>), Access::read_write);
    EXPECT_EQ((access_of<DenyRead, DenyWrite, AllowExec>), Access::exec);
    EXPECT_EQ((access_of<AllowRead, AllowWrite, AllowExec>), Access::read_write_exec);
}

TEST(Access, SetAllowsItsMembersOnly) {
    EXPECT_TRUE(allows(Access::read_write, Access::read));
    EXPECT_TRUE(allows(Access::read_write, Access::read_write));
    EXPECT_TRUE(allows(Access::read, Access::none));
    EXPECT_FALSE(allows(Access::read, Access::read_write));
    EXPECT_FALSE(allows(Access::read_write, Access::exec));
    EXPECT_FALSE(allows(Access::none, Access::write));
}

}  // namespace
}  // namespace memory_pages
