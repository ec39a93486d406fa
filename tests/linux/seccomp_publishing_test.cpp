// SPDX-License-Identifier: MIT
// New code on a processor without coherent instruction fetch. This file simulates one: it defines
// the functions that the library calls.

#include "cpu/icache.hpp"
#include "support/child.hpp"
#include "support/probe.hpp"
#include "support/seccomp.hpp"

#include <memory_pages/memory_pages.hpp>
#include <memory_pages/unsafe_write_exec.hpp>

#include <sys/syscall.h>

#include <gtest/gtest.h>

#include <cerrno>
#include <cstddef>
#include <system_error>
#include <utility>

namespace {

bool flush_reaches_threads = false;
/// The bytes of the last flush, and whether they were readable then.
std::size_t bytes_flushed = 0;
bool was_readable = false;

}  // namespace

namespace memory_pages::cpu {

bool icache::is_coherent() noexcept { return false; }

bool icache::flush_reaches_threads() noexcept { return ::flush_reaches_threads; }

void icache::flush(std::byte* base, std::size_t bytes) noexcept {
    bytes_flushed = bytes;
    was_readable = probe::can_read(base);
}

}  // namespace memory_pages::cpu

namespace {

using namespace memory_pages;

using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;
using WriteOnly = Pages<DenyRead, AllowWrite, DenyExec>;
using WriteExec = Pages<AllowRead, AllowWrite, AllowExec>;

/// Calls `check`, in a child each time, with new pages and a function that makes code in them
/// executable and returns the result.
void for_each_way(auto check) {
    const auto with = [&check]<class From>(From&& pages, auto way) {
        EXPECT_TRUE(child::passes([&] {
            bytes_flushed = 0;
            check([&] {
                const auto done = way(pages);
                if constexpr (requires { done.error().error; }) {
                    return done ? std::error_code() : done.error().error;
                } else {
                    return done ? std::error_code() : done.error();
                }
            });
        }));
    };
    const std::size_t size = 2 * probe::page_size();
    with(ReadWrite(size), [](auto& pages) { return std::move(pages).try_set_protected_exec(); });
    with(ReadWrite(size), [](auto& pages) { return std::move(pages).try_allow_exec(); });
    with(WriteOnly(size), [](auto& pages) { return std::move(pages).try_set_protected_exec(); });
    with(WriteExec(size), [](auto& pages) { return std::move(pages).try_deny_write(); });
    with(WriteExec(size), [](auto& pages) { return pages.try_publish(); });
}

class CodeBarrier : public testing::Test {
protected:
    void SetUp() override {
        if (!seccomp::is_available()) {
            GTEST_SKIP() << "this system has no seccomp filters";
        }
        if (!is_supported(Feature::publishing) || !is_supported(Feature::write_exec)) {
            GTEST_SKIP() << "this system publishes no code";
        }
    }
};

// Pitfall: stale-instructions
TEST_F(CodeBarrier, IsPrecededByAFlushOfReadableCode) {
    for_each_way([](auto way) {
        EXPECT_EQ(way(), std::error_code());
        EXPECT_EQ(bytes_flushed, 2 * probe::page_size());
        EXPECT_TRUE(was_readable);
    });
}

TEST_F(CodeBarrier, IsRequiredForExecutableCode) {
    for (const int error : {EINVAL, ENOSYS, EPERM}) {
        for_each_way([error](auto way) {
            seccomp::refuse({.number = SYS_membarrier}, error);
            EXPECT_EQ(way(), std::errc::operation_not_supported);
        });
    }
}

TEST_F(CodeBarrier, IsNotMadeForCodeThatHasNotRun) {
    EXPECT_TRUE(child::passes([] {
        WriteExec pages(2 * probe::page_size());
        bytes_flushed = 0;
        seccomp::refuse({.number = SYS_membarrier}, EPERM);
        EXPECT_TRUE(pages.try_publish(Publish::not_yet_run));
        EXPECT_EQ(bytes_flushed, pages.size());
        EXPECT_TRUE(pages.try_publish(16, 32, Publish::not_yet_run));
        EXPECT_EQ(bytes_flushed, 32U);
        EXPECT_FALSE(pages.try_publish());
    }));
}

TEST_F(CodeBarrier, IsNotNeededWhenTheFlushReachesOtherThreads) {
    for_each_way([](auto way) {
        flush_reaches_threads = true;
        seccomp::refuse({.number = SYS_membarrier}, EPERM);
        EXPECT_EQ(way(), std::error_code());
    });
}

}  // namespace
