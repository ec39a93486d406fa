// SPDX-License-Identifier: MIT
// A process goes on when its main thread has ended, but /proc/self does not.
#include <memory_pages/memory_limits.hpp>
#include <memory_pages/pages.hpp>
#include <memory_pages/query.hpp>

#include "support/child.hpp"
#include "support/probe.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <thread>

namespace memory_pages {
namespace {

/// Runs `act` in a child whose main thread has ended.
testing::AssertionResult passes_without_main_thread(const std::function<void()>& act) {
    return child::passes([&] {
        std::thread([&] {
            std::array<char, 1> start{};
            while (::readlink("/proc/self/exe", start.data(), start.size()) >= 0) {
                std::this_thread::yield();
            }
            act();
            std::cout.flush();
            std::fflush(nullptr);
            ::_exit(testing::Test::HasFailure() ? EXIT_FAILURE : EXIT_SUCCESS);
        }).detach();
        ::syscall(SYS_exit, 0);
    });
}

class EndedMainThread : public testing::Test {
protected:
    void SetUp() override {
        if (!probe::advice_acts()) {
            GTEST_SKIP() << "the emulator shows a file of the program for ever";
        }
        if (!probe::counts_are_ours()) {
            GTEST_SKIP() << "a sanitizer looks at the stack of the main thread";
        }
    }
};

// Pitfall: proc-self-main-thread
TEST_F(EndedMainThread, DoesNotHideMappings) {
    EXPECT_TRUE(passes_without_main_thread([] {
        Pages<AllowRead, AllowWrite, DenyExec> pages(std::size_t{1} << 20);
        pages.populate();
        EXPECT_EQ(query(pages.data()).kind, RegionKind::anonymous);
        std::size_t count = 0;
        bool is_seen = false;
        for (const Region& region : regions()) {
            ++count;
            is_seen = is_seen || (region.address <= pages.data() &&
                                  pages.data() < region.address + region.size);
        }
        EXPECT_GT(count, 5U);
        EXPECT_TRUE(is_seen);
        EXPECT_EQ(resident_bytes(pages.data(), pages.size()), pages.size());
    }));
}

// Pitfall: proc-self-main-thread
TEST_F(EndedMainThread, DoesNotHideMemoryUsage) {
    EXPECT_TRUE(passes_without_main_thread([] {
        const MemoryLimits limits = memory_limits();
        EXPECT_GT(limits.mappings.used.value_or(0), 5U);
        EXPECT_GT(limits.address_space.used.value_or(0), std::size_t{1} << 20);
        EXPECT_GT(limits.data.used.value_or(0), probe::page_size());
        EXPECT_TRUE(limits.locked.used.has_value());
    }));
}

}  // namespace
}  // namespace memory_pages
