// SPDX-License-Identifier: MIT
// The fake kernel behaves as Darwin, and stops tests that do what Darwin accepts wrongly.

#include "fake_darwin.hpp"

#include "darwin.hpp"
#include "support/probe.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>

namespace {

using namespace darwin;

constexpr int read_write = prot_read | prot_write;
constexpr int all_rights = read_write | prot_exec;

class FakeDarwin : public testing::Test {
protected:
    FakeDarwin() { fake_darwin::boot(fake_darwin::arm64); }

    static std::size_t page() { return fake_darwin::page_size(); }

    static std::byte* map(std::size_t pages, int protection = read_write, int flags = 0) {
        return map_at(nullptr, pages, protection, flags);
    }
    static std::byte* map_at(void* where, std::size_t pages, int protection, int flags) {
        void* const base =
            mmap(where, pages * page(), protection, map_anon | map_private | flags, -1, 0);
        return base == failed() ? nullptr : static_cast<std::byte*>(base);
    }
    static void* failed() { return reinterpret_cast<void*>(~std::uintptr_t{0}); }
    static bool all_are(const std::byte* base, std::size_t pages, std::byte value) {
        return std::all_of(base, base + pages * page(), [=](std::byte b) { return b == value; });
    }
};

// -- sizes ----------------------------------------------------------------------------------------

TEST_F(FakeDarwin, HasLargePagesOnArm64AndSmallOnIntel) {
    EXPECT_EQ(vm_page_size, 16384U);
    EXPECT_EQ(probe::page_size(), 16384U);
    fake_darwin::boot(fake_darwin::x86_64);
    EXPECT_EQ(vm_page_size, 4096U);
    EXPECT_EQ(probe::page_size(), 4096U);
}

TEST_F(FakeDarwin, AlignsMappingsToPagesOnly) {
    for (int i = 0; i < 8; ++i) {
        const auto address = reinterpret_cast<std::uintptr_t>(map(1));
        EXPECT_EQ(address % (2 * page()), page());
    }
}

TEST_F(FakeDarwin, RefusesAddressesInsideAPage) {
    std::byte* const base = map(2);
    EXPECT_EQ(munmap(base + 4096, page()), -1);
    EXPECT_EQ(errno, EINVAL);
    EXPECT_EQ(mprotect(base + 4096, page(), prot_read), -1);
    EXPECT_EQ(errno, EINVAL);
    EXPECT_EQ(map_at(base + 4096, 1, read_write, map_fixed), nullptr);
    EXPECT_EQ(errno, EINVAL);
}

TEST_F(FakeDarwin, StopsUseOfTheWrongPageSize) {
    std::byte* const base = map(2);
    EXPECT_DEATH(munmap(base, 4096), "munmap: not whole pages");
    EXPECT_DEATH(mprotect(base, 4096, prot_read), "mprotect: not whole pages");
    EXPECT_DEATH(madvise(base, 4096, madv_free), "madvise: not whole pages");
    EXPECT_DEATH(madvise(base + 4096, page(), madv_free), "madvise: not whole pages");
    EXPECT_DEATH(mmap(nullptr, 4096, read_write, map_anon | map_private, -1, 0),
                 "mmap: not whole pages");
}

// -- mapping --------------------------------------------------------------------------------------

TEST_F(FakeDarwin, MapsOnlyPrivateOrSharedPages) {
    EXPECT_EQ(mmap(nullptr, page(), read_write, map_anon, -1, 0), failed());
    EXPECT_EQ(mmap(nullptr, page(), read_write, map_anon | map_shared | map_private, -1, 0),
              failed());
    EXPECT_EQ(mmap(nullptr, 0, read_write, map_anon | map_private, -1, 0), failed());
    EXPECT_EQ(errno, EINVAL);
    EXPECT_NE(mmap(nullptr, page(), read_write, map_anon | map_shared, -1, 0), failed());
    EXPECT_DEATH(mmap(nullptr, page(), read_write, map_private, -1, 0), "no part of this fake");
}

TEST_F(FakeDarwin, GrantsReadWithWriteOrExecute) {
    EXPECT_EQ(probe::permissions(map(1, prot_write)), "rw-");
    EXPECT_EQ(probe::permissions(map(1, prot_exec)), "r-x");
    EXPECT_EQ(probe::permissions(map(1, prot_none)), "---");
}

TEST_F(FakeDarwin, StopsMappingOverForeignMemory) {
    std::byte* const base = map(2);
    EXPECT_DEATH(map_at(base + page(), 2, read_write, map_fixed),
                 "MAP_FIXED over what is not ours");
    EXPECT_DEATH(munmap(base, 3 * page()), "munmap: what is not ours");
}

TEST_F(FakeDarwin, ReadsZeroAfterMappingAnew) {
    std::byte* const base = map(3);
    std::memset(base, 5, 3 * page());
    EXPECT_EQ(map_at(base + page(), 1, read_write, map_fixed), base + page());
    EXPECT_TRUE(all_are(base, 1, std::byte{5}));
    EXPECT_TRUE(all_are(base + page(), 1, std::byte{0}));
    EXPECT_TRUE(all_are(base + 2 * page(), 1, std::byte{5}));
    EXPECT_EQ(fake_darwin::mapped_bytes(), 3 * page());
}

TEST_F(FakeDarwin, RefusesToProtectOrAdviseUnmappedPages) {
    std::byte* const base = map(1);
    EXPECT_EQ(mprotect(base, 2 * page(), prot_read), -1);
    EXPECT_EQ(errno, ENOMEM);
    EXPECT_EQ(madvise(base, 2 * page(), madv_free), -1);
    EXPECT_EQ(errno, EINVAL);
}

// -- MAP_JIT --------------------------------------------------------------------------------------

// Pitfall: macos-code-rules
TEST_F(FakeDarwin, RequiresMapJitForWriteExecPages) {
    EXPECT_EQ(map(1, all_rights), nullptr);
    EXPECT_EQ(errno, EACCES);
    EXPECT_NE(map(1, all_rights, map_jit), nullptr);
    std::byte* const later = map(1);
    EXPECT_EQ(mprotect(later, page(), all_rights), -1);
    EXPECT_EQ(errno, EACCES);
}

// Pitfall: macos-code-rules
TEST_F(FakeDarwin, RefusesMapJitWithFixedOrShared) {
    std::byte* const base = map(1);
    EXPECT_EQ(map_at(base, 1, all_rights, map_jit | map_fixed), nullptr);
    EXPECT_EQ(errno, EINVAL);
    EXPECT_EQ(mmap(nullptr, page(), all_rights, map_anon | map_shared | map_jit, -1, 0), failed());
    EXPECT_EQ(errno, EINVAL);
}

TEST_F(FakeDarwin, StopsMappingOverMapJit) {
    std::byte* const code = map(2, all_rights, map_jit);
    EXPECT_DEATH(map_at(code, 2, read_write, map_fixed), "MAP_FIXED over pages with MAP_JIT");
}

TEST_F(FakeDarwin, KeepsMapJitPagesWritableAndExecutable) {
    std::byte* const code = map(2, all_rights, map_jit);
    for (const int protection : {prot_none, prot_read, read_write, prot_read | prot_exec}) {
        EXPECT_EQ(mprotect(code, page(), protection), -1);
        EXPECT_EQ(errno, EACCES);
    }
}

TEST_F(FakeDarwin, RefusesMapJitWithoutEntitlement) {
    for (fake_darwin::Machine machine : {fake_darwin::arm64, fake_darwin::x86_64}) {
        machine.allows_jit = false;
        fake_darwin::boot(machine);
        EXPECT_EQ(map(1, all_rights, map_jit), nullptr);
        EXPECT_EQ(errno, EINVAL);
        EXPECT_EQ(map(1, all_rights), nullptr);
        EXPECT_EQ(errno, EACCES);
    }
}

// Pitfall: macos-code-rules
TEST_F(FakeDarwin, LetsAThreadEitherWriteOrRunCode) {
    std::byte* const code = map(1, all_rights, map_jit);
    EXPECT_EQ(probe::permissions(code), "r-x");
    EXPECT_DEATH(*code = std::byte{1}, "");
    pthread_jit_write_protect_np(0);
    EXPECT_EQ(probe::permissions(code), "rw-");
    EXPECT_EQ(probe::permissions(map(1, all_rights, map_jit)), "rw-");
    *code = std::byte{1};
    pthread_jit_write_protect_np(1);
    EXPECT_EQ(probe::permissions(code), "r-x");
}

TEST_F(FakeDarwin, HasNoWriteSwitchOnIntel) {
    fake_darwin::boot(fake_darwin::x86_64);
    EXPECT_EQ(pthread_jit_write_protect_supported_np(), 0);
    std::byte* const code = map(1, all_rights, map_jit);
    pthread_jit_write_protect_np(1);
    EXPECT_EQ(probe::permissions(code), "rwx");
    EXPECT_EQ(mprotect(code, page(), read_write), 0);
    EXPECT_EQ(mprotect(code, page(), all_rights), 0);
    EXPECT_NE(map(1, all_rights), nullptr);
}

// -- giving back ----------------------------------------------------------------------------------

// Pitfall: macos-dontneed-keeps
TEST_F(FakeDarwin, NeitherFreesNorZeroesOnDontNeed) {
    std::byte* const base = map(3);
    std::memset(base, 5, 3 * page());
    EXPECT_EQ(madvise(base, 3 * page(), madv_dontneed), 0);
    EXPECT_TRUE(all_are(base, 3, std::byte{5}));
    EXPECT_EQ(probe::resident_bytes(base, 3 * page()), 3 * page());
}

TEST_F(FakeDarwin, LeavesOldBytesGarbageOrZeroInTurn) {
    for (const int advice : {madv_free, madv_free_reusable}) {
        std::byte* const base = map(3);
        std::memset(base, 5, 3 * page());
        EXPECT_EQ(madvise(base, 3 * page(), advice), 0);
        EXPECT_TRUE(all_are(base, 1, std::byte{5}));
        EXPECT_TRUE(all_are(base + page(), 1, std::byte{0xA5}));
        EXPECT_TRUE(all_are(base + 2 * page(), 1, std::byte{0}));
        EXPECT_EQ(probe::resident_bytes(base, 3 * page()), 3 * page());
    }
}

TEST_F(FakeDarwin, DiscardsOnlyWritablePages) {
    std::byte* const base = map(2, prot_read);
    EXPECT_EQ(madvise(base, page(), madv_free_reusable), -1);
    EXPECT_EQ(errno, EPERM);
    EXPECT_EQ(madvise(map(1, all_rights, map_jit), page(), madv_free_reusable), 0);
}

TEST_F(FakeDarwin, CountsReusablePagesUntilReused) {
    std::byte* const base = map(4);
    EXPECT_EQ(madvise(base, 4 * page(), madv_free_reusable), 0);
    EXPECT_EQ(fake_darwin::reusable_bytes(), 4 * page());
    EXPECT_EQ(madvise(base + page(), 2 * page(), madv_free_reuse), 0);
    EXPECT_EQ(fake_darwin::reusable_bytes(), 2 * page());
    EXPECT_EQ(munmap(base, 4 * page()), 0);
    EXPECT_EQ(fake_darwin::reusable_bytes(), 0U);
}

// Pitfall: macos-reuse-unannounced
TEST_F(FakeDarwin, StopsUseOfReusablePagesWithoutReuse) {
    std::byte* const base = map(1);
    EXPECT_EQ(madvise(base, page(), madv_free_reusable), 0);
    *base ^= std::byte{1};
    EXPECT_DEATH(munmap(base, page()),
                 "munmap: these pages are used again without MADV_FREE_REUSE");
    EXPECT_DEATH(madvise(base, page(), madv_free_reuse), "used again without MADV_FREE_REUSE");
    EXPECT_DEATH(map_at(base, 1, read_write, map_fixed), "used again without MADV_FREE_REUSE");
}

TEST_F(FakeDarwin, StopsReusablePagesFromBecomingCode) {
    std::byte* const code = map(2, all_rights, map_jit);
    EXPECT_EQ(madvise(code, 2 * page(), madv_free_reusable), 0);
    EXPECT_DEATH(sys_icache_invalidate(code + page() - 1, 2), "become code without");
    EXPECT_EQ(madvise(code, page(), madv_free_reuse), 0);
    EXPECT_DEATH(sys_icache_invalidate(code + page() - 1, 2), "become code without");
    sys_icache_invalidate(code, page());
}

TEST_F(FakeDarwin, RefusesOtherAdvice) {
    std::byte* const base = map(1, prot_none);
    EXPECT_EQ(madvise(base, page(), 11), -1);  // MADV_ZERO, which older systems lack.
    EXPECT_EQ(errno, EINVAL);
    EXPECT_EQ(madvise(base, page(), madv_willneed), -1);
    EXPECT_EQ(errno, EPERM);
    for (const int advice : {madv_normal, madv_random, madv_sequential}) {
        EXPECT_EQ(madvise(base, page(), advice), 0);
    }
}

// -- code and threads -----------------------------------------------------------------------------

TEST_F(FakeDarwin, StopsFlushesOfUnreadablePages) {
    EXPECT_DEATH(sys_icache_invalidate(map(1, prot_none), 1), "the pages cannot be read");
}

TEST_F(FakeDarwin, RequiresThreadPortsToBeReturned) {
    thread_act_array_t list = nullptr;
    mach_msg_type_number_t count = 0;
    ASSERT_EQ(task_threads(mach_task_self(), &list, &count), kern_success);
    EXPECT_EQ(count, fake_darwin::threads());
    EXPECT_GT(fake_darwin::ports_left(), 0U);
    for (mach_msg_type_number_t i = 0; i < count; ++i) {
        std::uintptr_t stack = 0;
        std::size_t length = 0;
        EXPECT_EQ(thread_get_register_pointer_values(list[i], &stack, &length, nullptr),
                  kern_insufficient_buffer_size);
        EXPECT_EQ(mach_port_deallocate(mach_task_self(), list[i]), kern_success);
    }
    EXPECT_DEATH(mach_port_deallocate(mach_task_self(), 100), "no port of ours");
    EXPECT_EQ(
        vm_deallocate(mach_task_self(), reinterpret_cast<vm_address_t>(list), count * sizeof *list),
        kern_success);
    EXPECT_EQ(fake_darwin::ports_left(), 0U);
}

TEST_F(FakeDarwin, FindsTheRegionAtOrAfterAnAddress) {
    std::byte* const base = map(4);
    ASSERT_EQ(mprotect(base + page(), page(), prot_read), 0);
    ASSERT_EQ(munmap(base + 2 * page(), page()), 0);
    const auto region_at = [&](std::byte* at) {
        auto address = reinterpret_cast<vm_address_t>(at);
        vm_size_t size = 0;
        unsigned depth = 64;
        vm_region_submap_short_info_data_64_t info{};
        mach_msg_type_number_t count = vm_region_submap_short_info_count_64;
        EXPECT_EQ(vm_region_recurse_64(mach_task_self(), &address, &size, &depth,
                                       reinterpret_cast<vm_region_info_t>(&info), &count),
                  kern_success);
        EXPECT_EQ(size, page());
        return std::pair(reinterpret_cast<std::byte*>(address), info.protection);
    };
    EXPECT_EQ(region_at(base + 1), std::pair(base, read_write));
    EXPECT_EQ(region_at(base + page()), std::pair(base + page(), prot_read));
    EXPECT_EQ(region_at(base + 2 * page()), std::pair(base + 3 * page(), read_write));
}

TEST_F(FakeDarwin, RemapsSharedPagesOverOthers) {
    std::byte* const target = map(1, all_rights, map_jit);
    std::byte* const source = map(1);
    std::memset(source, 5, page());
    ASSERT_EQ(mprotect(source, page(), prot_read), 0);
    auto where = reinterpret_cast<vm_address_t>(target);
    int now = 0;
    int at_most = 0;
    EXPECT_EQ(vm_remap(mach_task_self(), &where, page(), 0, vm_flags_fixed | vm_flags_overwrite,
                       mach_task_self(), reinterpret_cast<vm_address_t>(source), 0, &now, &at_most,
                       vm_inherit_default),
              kern_success);
    EXPECT_EQ(now, prot_read);
    EXPECT_EQ(probe::permissions(target), "r--");
    EXPECT_TRUE(all_are(target, 1, std::byte{5}));
    EXPECT_EQ(munmap(source, page()), 0);
}

TEST_F(FakeDarwin, RefusesTheCallsATestNames) {
    fake_darwin::refuse(fake_darwin::Call::mmap, ENOMEM, 2);
    EXPECT_EQ(map(1), nullptr);
    EXPECT_EQ(errno, ENOMEM);
    EXPECT_EQ(map(1), nullptr);
    EXPECT_NE(map(1), nullptr);
    EXPECT_EQ(fake_darwin::count_of(fake_darwin::Call::mmap), 3U);
}

}  // namespace
