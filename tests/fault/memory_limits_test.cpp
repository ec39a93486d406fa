// SPDX-License-Identifier: MIT
#include <memory_pages/memory_limits.hpp>
#include <memory_pages/pages.hpp>

#include "fake_os/fake_os.hpp"
#include "machines.hpp"

#include <gtest/gtest.h>

#include <cstddef>

namespace {

using namespace memory_pages;

TEST(FaultyLimits, MatchTheRefusedSizes) {
    fake::boot({.page_size = 65536, .address_space = 100 * 65536, .memory = 10 * 65536});
    const Pages<AllowRead, AllowWrite, DenyExec> pages(4 * 65536);
    const MemoryLimits limits = memory_limits();
    EXPECT_EQ(limits.page_size, 65536U);
    EXPECT_EQ(limits.committed.used, 4 * 65536U);
    EXPECT_EQ(limits.committed.most, 10 * 65536U);
    using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;
    EXPECT_TRUE(ReadWrite::try_new(*limits.committed.most - *limits.committed.used));
    EXPECT_EQ(ReadWrite::try_new(*limits.committed.most - *limits.committed.used + 1).error(),
              PageError::commit_limit);
}

}  // namespace
