// SPDX-License-Identifier: MIT
// Guards when the kernel, or a seccomp filter, lacks markers or refuses the replacement. No guard
// is made outside of the children: the method is cached.

#include "support/child.hpp"
#include "support/fails.hpp"
#include "support/probe.hpp"
#include "support/seccomp.hpp"

#include <memory_pages/exec.hpp>
#include <memory_pages/memory_pages.hpp>

#include <sys/mman.h>
#include <sys/syscall.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <system_error>
#include <utility>

namespace {

using namespace memory_pages;

using ReadWrite = GuardedPages<AllowRead, AllowWrite, DenyExec>;

constexpr int guard_install = 102;  // Newer than the C library's headers.
constexpr int guard_remove = 103;
constexpr int dontneed_locked = 24;
constexpr std::uint8_t sample = 0x5A;

/// The errors of kernels without a call, those of filters, and the success of an emulator that
/// ignores all advice.
constexpr std::array unknown = {EINVAL, ENOSYS, EPERM, 0};

seccomp::Calls advice(int value) {
    return {.number = SYS_madvise, .argument = 2, .value = static_cast<std::uint32_t>(value)};
}
const seccomp::Calls denying_all = {.number = SYS_mprotect, .argument = 2, .value = PROT_NONE};

std::size_t page() { return probe::page_size(); }

ReadWrite filled(std::size_t count) {
    ReadWrite pages(count * page());
    std::ranges::fill(pages, sample);
    return pages;
}

bool all_are(auto bytes, std::uint8_t value) {
    return std::ranges::all_of(bytes, [=](std::uint8_t byte) { return byte == value; });
}

class GuardFallback : public testing::Test {
protected:
    void SetUp() override {
        if (!seccomp::is_available()) {
            GTEST_SKIP() << "this system has no seccomp filters";
        }
    }

    static void know_no_marks(int error) {
        seccomp::refuse(advice(guard_install), error);
        seccomp::refuse(advice(guard_remove), error);
    }
};

// Pitfall: markers-refused
// Pitfall: emulator-accepts-markers
TEST_F(GuardFallback, IsAProtectionWithoutMarkers) {
    for (const int error : unknown) {
        EXPECT_TRUE(child::passes([error] {
            know_no_marks(error);
            EXPECT_FALSE(is_supported(Feature::many_guards));
            ReadWrite pages = filled(5);
            pages.guard(page(), page());
            pages.guard(3 * page(), page());
            const auto guards_hold = [first = pages.data()] {
                return probe::permissions(first + page()) == "---" &&
                       !probe::can_read(first + page()) && !probe::can_read(first + 3 * page());
            };
            EXPECT_TRUE(guards_hold());
            EXPECT_EQ(probe::resident_bytes(pages.data(), pages.size()), 3 * page());
            auto frozen = std::move(pages).deny_write();
            EXPECT_TRUE(guards_hold());
            EXPECT_EQ(probe::permissions(frozen.data() + 2 * page()), "r--");
            pages = std::move(frozen).allow_exec().allow_write_no_exec();
            EXPECT_TRUE(guards_hold());
            pages.populate();
            pages.advise_use_seq();
            pages.advise(Advice::normal);
            EXPECT_TRUE(all_are(pages.bytes().subspan(2 * page(), page()), sample));
            pages.zero();
            EXPECT_TRUE(all_are(pages.bytes().subspan(2 * page(), page()), 0));
            pages.decommit();
            pages.discard();
            EXPECT_EQ(probe::resident_bytes(pages.data(), pages.size()), 0U);
            EXPECT_TRUE(guards_hold());
            const std::size_t before = probe::mapping_count();
            pages.unguard(0, pages.size());
            EXPECT_EQ(probe::mapping_count(), before - 4) << "they are one mapping again";
            std::ranges::fill(pages, sample);
        }));
    }
}

// Pitfall: guard-mappings
TEST_F(GuardFallback, IsRefusedAtTheLimitOnMappings) {
    EXPECT_TRUE(child::passes([] {
        know_no_marks(EINVAL);
        // Each guard takes two mappings, with the page before it.
        std::size_t most = 0;
        std::ifstream("/proc/sys/vm/max_map_count") >> most;
        ReadWrite pages = filled(most + 16);
        std::size_t count = 0;
        Result<void> done;
        for (; done; ++count) {
            done = pages.try_guard((2 * count + 1) * page(), page());
        }
        --count;
        EXPECT_EQ(done.error(), PageError::map_count_limit);
        EXPECT_FAILS(pages.guard((2 * count + 1) * page(), page()), PageError::map_count_limit);
        EXPECT_TRUE(pages.is_guarded((2 * count - 1) * page()));
        EXPECT_FALSE(probe::can_read(pages.data() + (2 * count - 1) * page()));
        EXPECT_FALSE(pages.is_guarded((2 * count + 1) * page()));
        EXPECT_TRUE(all_are(pages.bytes().subspan(2 * count * page()), sample));

        // Existing pages can be used, changed and released.
        EXPECT_TRUE(pages.try_decommit(0, 4 * page()));
        EXPECT_TRUE(pages.try_zero(4 * page(), 4 * page()));
        auto frozen = std::move(pages).try_deny_write();
        ASSERT_TRUE(frozen);
        EXPECT_FALSE(probe::can_read(frozen->data() + page()));
        EXPECT_FALSE(probe::can_write(const_cast<std::uint8_t*>(frozen->data())));
        pages = std::move(*frozen).allow_write();
        EXPECT_EQ(pages[8 * page()], sample);
        pages.unguard(page(), page());
        EXPECT_TRUE(pages.try_guard((2 * count + 1) * page(), page()));
        pages.unguard(0, pages.size());
        EXPECT_TRUE(all_are(pages.bytes().subspan((2 * count + 2) * page()), sample));
    }));
}

TEST_F(GuardFallback, IsRefusedWithoutMemory) {
    if (!is_supported(Feature::many_guards)) {
        GTEST_SKIP() << "this kernel knows no marks";
    }
    EXPECT_TRUE(child::passes([] {
        ReadWrite pages = filled(3);
        pages.guard(0, page());  // Caches the method.
        seccomp::refuse(advice(guard_install), ENOMEM);
        EXPECT_FAILS(pages.guard(page(), page()), std::errc::not_enough_memory);
        const auto refused = pages.try_guard(page(), page());
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error(), std::errc::not_enough_memory);
        EXPECT_FALSE(pages.is_guarded(page()));
        EXPECT_TRUE(probe::can_write(pages.data() + page()));
    }));
}

TEST_F(GuardFallback, LeavesPagesUnchangedWhenRefused) {
    EXPECT_TRUE(child::passes([] {
        know_no_marks(EINVAL);
        ReadWrite pages = filled(3);
        seccomp::refuse(denying_all, EACCES);
        const auto refused = pages.try_guard(page(), page());
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error(), std::errc::permission_denied);
        EXPECT_FALSE(pages.is_guarded(page()));
        EXPECT_TRUE(all_are(pages.bytes(), sample));
        EXPECT_TRUE(probe::can_write(pages.data() + page()));
    }));
}

TEST_F(GuardFallback, IsRefusedWhenMemoryCannotBeFreed) {
    EXPECT_TRUE(child::passes([] {
        know_no_marks(EINVAL);
        ReadWrite pages = filled(3);
        seccomp::refuse(advice(MADV_DONTNEED), EINVAL);
        seccomp::refuse(advice(dontneed_locked), EINVAL);
        const auto refused = pages.try_guard(page(), page());
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error(), std::errc::operation_not_supported);
        EXPECT_FALSE(pages.is_guarded(page()));
        EXPECT_TRUE(all_are(pages.bytes(), sample));
        EXPECT_TRUE(probe::can_write(pages.data() + page()));
    }));
}

TEST_F(GuardFallback, KeepsGuardsThatCannotBeRemoved) {
    EXPECT_TRUE(child::passes([] {
        know_no_marks(EINVAL);
        ReadWrite pages = filled(3);
        pages.guard(page(), page());
        seccomp::refuse({.number = SYS_mprotect, .argument = 2, .value = PROT_READ | PROT_WRITE},
                        ENOMEM);
        const auto refused = pages.try_unguard(page(), page());
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error(), std::errc::not_enough_memory);
        EXPECT_TRUE(pages.is_guarded(page()));
        EXPECT_FALSE(probe::can_read(pages.data() + page()));
    }));
}

}  // namespace
