// SPDX-License-Identifier: MIT
#include <memory_pages/format.hpp>

#include <gtest/gtest.h>

namespace memory_pages {
namespace {

#if defined(__cpp_lib_format)
TEST(Format, TakesTheSpecifiersOfStrings) {
    const Region region;
    EXPECT_EQ(std::format("{}", region), to_string(region));
    EXPECT_EQ(std::format("{:*>20}", region), std::format("{:*>20}", to_string(region)));
    const MemoryLimits limits = memory_limits();
    EXPECT_EQ(std::format("{}", limits), to_string(limits));
}
#else
TEST(Format, TakesTheSpecifiersOfStrings) {
    GTEST_SKIP() << "this standard library has no <format>";
}
#endif

}  // namespace
}  // namespace memory_pages
