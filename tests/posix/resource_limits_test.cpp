// SPDX-License-Identifier: MIT
// Limits that a process sets for itself, as the library reports them.
#include <memory_pages/memory_limits.hpp>

#include "support/child.hpp"
#include "support/probe.hpp"

#include <gtest/gtest.h>

#include <sys/resource.h>

#include <cstddef>

namespace {

using namespace memory_pages;

constexpr std::size_t tib = std::size_t{1} << 40;

/// Lowers the soft limit. False if an emulator does not pass it to the system.
bool lower(auto resource, std::size_t bytes) {
    rlimit limit{};
    EXPECT_EQ(::getrlimit(resource, &limit), 0);
    limit.rlim_cur = bytes;
    EXPECT_EQ(::setrlimit(resource, &limit), 0);
    return ::getrlimit(resource, &limit) == 0 && limit.rlim_cur == bytes;
}

TEST(ResourceLimits, AreReadAgainAfterTheyChange) {
    EXPECT_TRUE(child::passes([] {
        const bool is_space_limited = lower(RLIMIT_AS, 900 * tib);
        const bool is_data_limited = lower(RLIMIT_DATA, 800 * tib);
        EXPECT_TRUE(lower(RLIMIT_MEMLOCK, 2 * probe::page_size()));
        const MemoryLimits limits = memory_limits();
        if (is_space_limited && is_data_limited) {
            EXPECT_EQ(limits.address_space.most, 900 * tib);
            EXPECT_EQ(limits.data.most, 800 * tib);
        }
        EXPECT_EQ(limits.locked.most, 2 * probe::page_size());
    }));
}

}  // namespace
