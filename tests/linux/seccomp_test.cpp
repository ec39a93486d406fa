// SPDX-License-Identifier: MIT
// Every fallback for a system call that the kernel, or a seccomp filter, refuses.

#include "support/seccomp.hpp"
#include "support/child.hpp"
#include "support/fails.hpp"
#include "support/probe.hpp"

#include <memory_pages/memory_pages.hpp>
#include <memory_pages/unsafe_write_exec.hpp>

#include <linux/membarrier.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <optional>
#include <system_error>
#include <utility>

// Newer than the headers of some C libraries.
#ifndef MADV_POPULATE_READ
constexpr int MADV_POPULATE_READ = 22;
constexpr int MADV_POPULATE_WRITE = 23;
#endif

namespace {

using namespace memory_pages;

using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;
using ReadOnly = Pages<AllowRead, DenyWrite, DenyExec>;
using WriteOnly = Pages<DenyRead, AllowWrite, DenyExec>;
using WriteExec = Pages<AllowRead, AllowWrite, AllowExec>;

constexpr int dontneed_locked = 24;  // Newer than the headers of some systems.

/// The errors of kernels without a call, and of filters.
constexpr std::array unknown = {EINVAL, ENOSYS, EPERM};

seccomp::Calls advice(int value) {
    return {.number = SYS_madvise, .argument = 2, .value = static_cast<std::uint32_t>(value)};
}
seccomp::Calls barrier(int command) {
    return {.number = SYS_membarrier, .argument = 0, .value = static_cast<std::uint32_t>(command)};
}
/// mmap with MAP_FIXED.
const seccomp::Calls mmap_over = {
    .number = SYS_mmap, .argument = 3, .value = MAP_FIXED, .mask = MAP_FIXED};

class Seccomp : public testing::Test {
protected:
    void SetUp() override {
        if (!seccomp::is_available()) {
            GTEST_SKIP() << "this system has no seccomp filters";
        }
    }

    static constexpr std::uint8_t sample = 0x5A;

    static ReadWrite filled(std::size_t pages = 32, const PageOptions& options = {}) {
        ReadWrite made(pages * probe::page_size(), options);
        std::ranges::fill(made, sample);
        return made;
    }
    static bool is_untouched(const ReadWrite& pages) {
        return std::ranges::all_of(pages, [](std::uint8_t byte) { return byte == sample; });
    }
    static std::size_t resident(const ReadWrite& pages) {
        return probe::resident_bytes(pages.data(), pages.size());
    }
};

// -- advice ---------------------------------------------------------------------------------------

using FilteredAdvice = Seccomp;
using FilteredCalls = Seccomp;
using FilteredCommit = Seccomp;
using FilteredDecommit = Seccomp;
using FilteredDiscard = Seccomp;
using FilteredMap = Seccomp;
using FilteredMapOver = Seccomp;
using FilteredMove = Seccomp;
using FilteredPopulate = Seccomp;
using FilteredProbe = Seccomp;
using FilteredProtect = Seccomp;
using FilteredPublish = Seccomp;
using FilteredRanges = Seccomp;
using FilteredReserve = Seccomp;
using FilteredResize = Seccomp;
using FilteredUnmap = Seccomp;
using FilteredZero = Seccomp;
using HiddenFiles = Seccomp;

TEST_F(FilteredAdvice, IsIgnoredWhenUnknownToTheKernel) {
    for (const int error : unknown) {
        EXPECT_TRUE(child::passes([error] {
            ReadWrite pages = filled();
            EXPECT_TRUE(is_supported(Advice::random));
            seccomp::refuse(advice(MADV_RANDOM), error);
            EXPECT_TRUE(pages.try_advise(Advice::random));
            EXPECT_FALSE(is_supported(Advice::random));
            EXPECT_TRUE(is_supported(Advice::sequential));
            EXPECT_TRUE(is_untouched(pages));
        }));
    }
}

TEST_F(FilteredAdvice, IsAnErrorWhenMemoryIsLow) {
    EXPECT_TRUE(child::passes([] {
        ReadWrite pages = filled();
        seccomp::refuse(advice(MADV_WILLNEED), ENOMEM);
        const auto advised = pages.try_advise(Advice::use_soon);
        ASSERT_FALSE(advised);
        EXPECT_EQ(advised.error(), std::errc::not_enough_memory);
    }));
}

// -- populate -------------------------------------------------------------------------------------

// Pitfall: populate-writes
TEST_F(FilteredPopulate, TouchesPagesByHand) {
    for (const int error : unknown) {
        EXPECT_TRUE(child::passes([error] {
            seccomp::refuse(advice(MADV_POPULATE_WRITE), error);
            ReadWrite pages(32 * probe::page_size());
            std::fill_n(pages.begin(), 2 * probe::page_size(), sample);
            pages.populate();
            EXPECT_EQ(resident(pages), pages.size());
            EXPECT_TRUE(std::all_of(pages.begin(), pages.begin() + 2 * probe::page_size(),
                                    [](std::uint8_t byte) { return byte == sample; }))
                << "contents never change";
            const ReadWrite populated(32 * probe::page_size(), {.populate = true});
            EXPECT_EQ(resident(populated), populated.size());
        }));
    }
}

TEST_F(FilteredPopulate, ReadsReadOnlyPagesByHand) {
    for (const int error : unknown) {
        EXPECT_TRUE(child::passes([error] {
            const ReadOnly pages(32 * probe::page_size());
            seccomp::refuse(advice(MADV_POPULATE_READ), error);
            pages.populate();
            EXPECT_EQ(probe::resident_bytes(pages.data(), pages.size()), pages.size());
        }));
    }
}

// Pitfall: touch-out-of-memory
TEST_F(FilteredPopulate, ReportsLackOfMemoryWithoutASignal) {
    for (const int error : {ENOMEM, EFAULT, EHWPOISON}) {
        EXPECT_TRUE(child::passes([error] {
            ReadWrite pages = filled();
            seccomp::refuse(advice(MADV_POPULATE_WRITE), error);
            const auto populated = pages.try_populate();
            ASSERT_FALSE(populated);
            EXPECT_EQ(populated.error().value(), error);
            EXPECT_TRUE(is_untouched(pages));
            const std::size_t before = probe::address_space_bytes();
            EXPECT_FALSE(ReadWrite::try_new(1U << 24U, {.populate = true}));
            EXPECT_EQ(probe::address_space_bytes(), before);
        }));
    }
}

// -- giving memory back ---------------------------------------------------------------------------

TEST_F(FilteredDiscard, FreesAtOnceInstead) {
    for (const int error : unknown) {
        EXPECT_TRUE(child::passes([error] {
            ReadWrite pages = filled();
            seccomp::refuse(advice(MADV_FREE), error);
            pages.discard();
            EXPECT_EQ(resident(pages), 0U);
        }));
    }
}

// Pitfall: locked-pages-not-freed
TEST_F(FilteredDecommit, UsesAnotherCallForLockedPages) {
    EXPECT_TRUE(child::passes([] {
        ReadWrite pages = filled();
        seccomp::refuse(advice(MADV_DONTNEED), EINVAL);
        pages.decommit();
        EXPECT_EQ(resident(pages), 0U);
    }));
}

TEST_F(FilteredRanges, AreProcessedOneByOne) {
    for (const int error : {EINVAL, ENOSYS, EPERM, EBADF}) {
        EXPECT_TRUE(child::passes([error] {
            seccomp::refuse({.number = SYS_process_madvise}, error);
            const std::size_t page = probe::page_size();
            const std::array ranges = {ByteRange{0, 2 * page}, ByteRange{5 * page, page}};
            ReadWrite pages = filled(8);
            pages.advise(Advice::random, ranges);
            pages.decommit(ranges);
            EXPECT_EQ(resident(pages), 5 * page);
            std::ranges::fill(pages, sample);
            pages.discard(ranges);
            for (const std::size_t kept : {2U, 3U, 4U, 6U, 7U}) {
                EXPECT_EQ(pages[kept * page], sample);
            }
        }));
    }
}

TEST_F(FilteredRanges, StayAndReportWhenNoneCanBeFreed) {
    EXPECT_TRUE(child::passes([] {
        const std::size_t page = probe::page_size();
        const std::array ranges = {ByteRange{0, 2 * page}, ByteRange{5 * page, page}};
        ReadWrite pages = filled();
        seccomp::refuse({.number = SYS_process_madvise}, EPERM);
        seccomp::refuse({.number = SYS_madvise}, ENOMEM);
        errno = ERANGE;
        EXPECT_EQ(pages.try_decommit(ranges).error(), std::errc::not_enough_memory);
        EXPECT_EQ(pages.try_discard(ranges).error(), std::errc::not_enough_memory);
        EXPECT_EQ(pages.try_advise(Advice::random, ranges).error(), std::errc::not_enough_memory);
        EXPECT_EQ(errno, ERANGE);
        EXPECT_TRUE(is_untouched(pages));
    }));
}

TEST_F(FilteredDecommit, KeepsThePagesAndReports) {
    EXPECT_TRUE(child::passes([] {
        ReadWrite pages = filled();
        seccomp::refuse(advice(MADV_DONTNEED), EINVAL);
        seccomp::refuse(advice(dontneed_locked), EINVAL);
        seccomp::refuse(advice(MADV_FREE), EINVAL);
        EXPECT_FAILS(pages.decommit(), std::errc::operation_not_supported);
        EXPECT_FAILS(pages.discard(), std::errc::operation_not_supported);
        EXPECT_TRUE(is_untouched(pages));
    }));
}

TEST_F(FilteredDecommit, ReportsTheReason) {
    EXPECT_TRUE(child::passes([] {
        ReadWrite pages = filled();
        seccomp::refuse(advice(MADV_DONTNEED), EPERM);
        EXPECT_EQ(pages.try_decommit().error(), std::errc::operation_not_permitted);
        EXPECT_TRUE(is_untouched(pages));
    }));
}

TEST_F(FilteredZero, ClearsByHand) {
    EXPECT_TRUE(child::passes([] {
        ReadWrite pages = filled(64);
        seccomp::refuse({.number = SYS_madvise}, EINVAL);
        pages.zero();
        EXPECT_TRUE(std::ranges::all_of(pages, [](std::uint8_t byte) { return byte == 0; }));
    }));
}

// -- size -----------------------------------------------------------------------------------------

TEST_F(FilteredResize, CopiesByHand) {
    for (const int error : {EFAULT, ENOSYS, EPERM}) {
        EXPECT_TRUE(child::passes([error] {
            constexpr std::size_t alignment = 1U << 21U;
            ReadWrite pages = filled(8, {.alignment = alignment, .populate = true});
            ReadWrite plain = filled(8);
            WriteOnly write_only = filled(8).deny_read();
            const std::size_t old_size = pages.size();
            seccomp::refuse({.number = SYS_mremap}, error);
            pages.resize(4 * old_size);
            EXPECT_EQ(pages.size(), 4 * old_size);
            EXPECT_TRUE(std::all_of(pages.begin(), pages.begin() + old_size,
                                    [](std::uint8_t byte) { return byte == sample; }));
            EXPECT_TRUE(std::all_of(pages.begin() + old_size, pages.end(),
                                    [](std::uint8_t byte) { return byte == 0; }));
            EXPECT_EQ(reinterpret_cast<std::uintptr_t>(pages.data()) % alignment, 0U);
            EXPECT_EQ(resident(pages), pages.size()) << "populated, as it was asked to be";
            plain.resize(old_size / 2);
            EXPECT_EQ(plain.size(), old_size / 2);
            EXPECT_TRUE(is_untouched(plain));
            write_only.resize(2 * old_size);
            EXPECT_EQ(probe::permissions(write_only.get_ptr_mut()), "-w-");
            const ReadWrite readable = std::move(write_only).allow_read();
            EXPECT_EQ(readable[old_size - 1], sample);
        }));
    }
}

TEST_F(FilteredResize, KeepsThePagesUnchanged) {
    EXPECT_TRUE(child::passes([] {
        ReadWrite pages = filled();
        const std::size_t size = pages.size();
        seccomp::refuse({.number = SYS_mremap}, ENOMEM);
        EXPECT_FAILS(pages.resize(2 * size), std::errc::not_enough_memory);
        EXPECT_FAILS(pages.resize(size / 2), std::errc::not_enough_memory);
        EXPECT_EQ(pages.size(), size);
        EXPECT_TRUE(is_untouched(pages));
    }));
    EXPECT_TRUE(child::passes([] {
        ReadWrite pages = filled();
        seccomp::refuse({.number = SYS_mremap}, EAGAIN);
        EXPECT_FAILS(pages.resize(2 * pages.size()), PageError::lock_limit);
        EXPECT_TRUE(is_untouched(pages));
    }));
}

TEST_F(FilteredMove, CopiesAVector) {
    for (const int error : {ENOSYS, ENOMEM, EFAULT}) {
        EXPECT_TRUE(child::passes([error] {
            PagedVec<std::uint64_t> vec;
            vec.push_back(7);
            const std::size_t stable = vec.stable_capacity();
            seccomp::refuse({.number = SYS_mremap}, error);
            vec.reserve_exact(stable + 1);
            EXPECT_GT(vec.stable_capacity(), stable);
            EXPECT_EQ(vec.front(), 7U);
            vec.push_back(8);
            EXPECT_EQ(vec.back(), 8U);
        }));
    }
}

TEST_F(FilteredMove, CopiesWholePagesWithoutProcFiles) {
    EXPECT_TRUE(child::passes([] {
        ReadWrite pages = filled();
        pages.resize(64 * pages.size());
        seccomp::refuse({.number = SYS_mremap}, ENOSYS);
        seccomp::refuse_opening(ENOENT);
        const std::size_t size = pages.size();
        pages.resize(2 * size);
        const auto end = pages.begin() + static_cast<std::ptrdiff_t>(32 * probe::page_size());
        EXPECT_TRUE(std::all_of(pages.begin(), end, [](std::uint8_t b) { return b == sample; }));
        EXPECT_TRUE(std::all_of(end, pages.end(), [](std::uint8_t b) { return b == 0; }));
    }));
}

TEST_F(FilteredMove, LosesNoAddressSpace) {
    for (const int error : {ENOSYS, ENOMEM, EFAULT, EPERM}) {
        EXPECT_TRUE(child::passes([error] {
            seccomp::refuse({.number = SYS_mremap}, error);
            const std::size_t before = probe::address_space_bytes();
            {
                PagedVec<std::uint64_t> vec;
                vec.push_back(7);
                vec.reserve_exact(vec.stable_capacity() + 1);
            }
            EXPECT_EQ(probe::address_space_bytes(), before);
            {
                ReadWrite pages = filled(32, {.alignment = std::size_t{1} << 22U});
                const ReadWrite beside = filled();
                EXPECT_EQ(pages.try_resize(64 * pages.size()).has_value(), error != ENOMEM);
            }
            EXPECT_EQ(probe::address_space_bytes(), before);
        }));
    }
}

// -- mapping and protecting -----------------------------------------------------------------------

TEST_F(FilteredMap, IsAnError) {
    if (!probe::heap_maps_nothing()) {
        GTEST_SKIP() << "the C library maps pages for small blocks, and the test needs some";
    }
    EXPECT_TRUE(child::passes([] {
        seccomp::refuse({.number = SYS_mmap}, ENOMEM);
        EXPECT_EQ(ReadWrite::try_new(1).error(), std::errc::not_enough_memory);
        EXPECT_EQ(ReadWrite::try_new(1, {.alignment = 1U << 21U}).error(),
                  std::errc::not_enough_memory);
        EXPECT_FALSE(PagedVec<int>::try_with_capacity(1));
        EXPECT_FALSE(is_supported(Advice::random));
        PagedVec<int> vec;
        EXPECT_BAD_ALLOC(vec.push_back(1));
        EXPECT_TRUE(vec.empty());
    }));
    EXPECT_TRUE(child::passes([] {
        seccomp::refuse({.number = SYS_mmap}, EAGAIN);
        EXPECT_EQ(ReadWrite::try_new(1).error(), PageError::lock_limit);
    }));
    EXPECT_TRUE(child::passes([] {
        seccomp::refuse({.number = SYS_mmap}, EPERM);
        EXPECT_FAILS(ReadWrite(1), std::errc::operation_not_permitted);
    }));
}

// Pitfall: protect-error-lost
TEST_F(FilteredProtect, KeepsThePermissions) {
    for (const int error : {ENOMEM, EACCES}) {
        EXPECT_TRUE(child::passes([error] {
            ReadWrite pages = filled();
            seccomp::refuse({.number = SYS_mprotect}, error);
            auto frozen = std::move(pages).try_deny_write();
            ASSERT_FALSE(frozen);
            EXPECT_EQ(frozen.error().error.value(), error);
            pages = std::move(frozen.error().pages);
            EXPECT_EQ(probe::permissions(pages.data()), "rw-");
            EXPECT_FAILS(std::move(pages).set_protected_exec(), static_cast<std::errc>(error));
            EXPECT_TRUE(is_untouched(pages));
        }));
    }
}

// Pitfall: unmap-fails
TEST_F(FilteredUnmap, FreesTheMemoryOnly) {
    EXPECT_TRUE(child::passes([] {
        const std::uint8_t* address = nullptr;
        std::size_t size = 0;
        seccomp::refuse({.number = SYS_munmap}, ENOMEM);
        {
            const ReadWrite pages = filled(256);
            address = pages.data();
            size = pages.size();
            errno = ERANGE;
        }
        EXPECT_EQ(errno, ERANGE);
        EXPECT_EQ(probe::resident_bytes(address, size), 0U);
    }));
}

// Pitfall: map-over-splits
TEST_F(FilteredMapOver, StillFreesMemoryOfAVector) {
    EXPECT_TRUE(child::passes([] {
        PagedVec<std::uint8_t> vec(1U << 20U, sample);
        vec.resize(1);
        seccomp::refuse(mmap_over, EPERM);
        vec.shrink_to_fit();
        EXPECT_EQ(vec.capacity(), probe::page_size());
        const std::uint8_t* const behind = vec.data() + vec.capacity();
        EXPECT_FALSE(probe::can_read(behind));
        EXPECT_EQ(probe::resident_bytes(behind, (1U << 20U) - vec.capacity()), 0U);
        vec.resize(1U << 20U);
        EXPECT_EQ(vec.front(), sample);
        EXPECT_EQ(vec.back(), 0) << "what was given back reads zero";
    }));
}

TEST_F(FilteredMapOver, StillFreesMemoryOfARange) {
    EXPECT_TRUE(child::passes([] {
        const std::size_t page = probe::page_size();
        const Reservation reservation(8 * page);
        seccomp::refuse(mmap_over, EPERM);
        for (int round = 0; round < 2; ++round) {
            auto range = reservation.commit<AllowRead, AllowWrite>(page, 4 * page);
            EXPECT_TRUE(std::ranges::all_of(range, [](std::uint8_t byte) { return byte == 0; }));
            std::ranges::fill(range, sample);
        }
        EXPECT_FALSE(probe::can_read(reservation.address() + page));
        EXPECT_EQ(probe::resident_bytes(reservation.address(), 8 * page), 0U);
    }));
}

// Pitfall: unfreed-taken-for-zero
TEST_F(FilteredMapOver, NeverReusesARangeThatStays) {
    EXPECT_TRUE(child::passes([] {
        const std::size_t page = probe::page_size();
        const Reservation reservation(8 * page);
        auto range = reservation.commit<AllowRead, AllowWrite>(page, 4 * page);
        std::ranges::fill(range, sample);
        seccomp::refuse(mmap_over, EPERM);
        seccomp::refuse({.number = SYS_madvise}, EPERM);
        {
            const auto ended = std::move(range);
        }
        EXPECT_FALSE((reservation.try_commit<AllowRead, AllowWrite>(4 * page, page)));
        EXPECT_TRUE((reservation.try_commit<AllowRead, AllowWrite>(5 * page, page)));
    }));
}

TEST_F(FilteredMapOver, TouchesNoPagesThatMayBeUnmapped) {
    EXPECT_TRUE(child::passes([] {
        PagedVec<std::uint8_t> vec(1U << 20U, sample);
        vec.resize(1);
        seccomp::refuse(mmap_over, ENOMEM);
        vec.shrink_to_fit();
        EXPECT_EQ(vec.capacity(), 1U << 20U);
        const std::uint8_t* const behind = vec.data() + 2 * probe::page_size();
        ASSERT_TRUE(probe::can_read(behind));
        EXPECT_EQ(*behind, sample);
    }));
}

TEST_F(FilteredReserve, ReportsAddressInUseOrLackOfMemory) {
    EXPECT_TRUE(child::passes([] {
        const Reservation there(probe::page_size());
        const ReservationOptions beside{.at = there.address() + 64 * probe::page_size()};
        for (const int error : {EEXIST, EPERM, EINVAL}) {
            EXPECT_TRUE(child::passes([&] {
                seccomp::refuse({.number = SYS_mmap}, error);
                EXPECT_EQ(Reservation::try_new(probe::page_size(), beside).error(),
                          std::errc::address_in_use);
            }));
        }
        seccomp::refuse({.number = SYS_mmap}, ENOMEM);
        EXPECT_EQ(Reservation::try_new(probe::page_size(), beside).error(),
                  std::errc::not_enough_memory);
    }));
}

TEST_F(FilteredMapOver, KeepsTheMemoryOfAVector) {
    EXPECT_TRUE(child::passes([] {
        PagedVec<std::uint8_t> vec(1U << 20U, sample);
        vec.resize(1);
        seccomp::refuse(mmap_over, EPERM);
        seccomp::refuse({.number = SYS_madvise}, EPERM);
        vec.shrink_to_fit();
        EXPECT_EQ(vec.capacity(), 1U << 20U);
        vec.resize(1U << 20U, sample);
        EXPECT_TRUE(std::ranges::all_of(vec, [](std::uint8_t byte) { return byte == sample; }));
    }));
}

TEST_F(FilteredCommit, KeepsAVectorUnchanged) {
    EXPECT_TRUE(child::passes([] {
        PagedVec<std::uint8_t> vec(probe::page_size(), sample);
        seccomp::refuse({.number = SYS_mprotect}, ENOMEM);
        EXPECT_BAD_ALLOC(vec.push_back(1));
        EXPECT_EQ(vec.size(), probe::page_size());
        EXPECT_TRUE(std::ranges::all_of(vec, [](std::uint8_t byte) { return byte == sample; }));
    }));
}

// -- publishing -----------------------------------------------------------------------------------

// Pitfall: barrier-unregistered
TEST_F(FilteredPublish, UsesTheBarrierThatSerializesCores) {
    EXPECT_TRUE(child::passes([] {
        WriteExec pages(1);
        seccomp::refuse(barrier(MEMBARRIER_CMD_GLOBAL), EPERM);
        EXPECT_TRUE(pages.try_publish());
        EXPECT_TRUE(pages.try_publish());
    }));
}

// Pitfall: barrier-unregistered
TEST_F(FilteredPublish, IsReported) {
    for (const int error : unknown) {
        for (const seccomp::Calls& calls :
             {seccomp::Calls{.number = SYS_membarrier},
              barrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE),
              barrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE)}) {
            EXPECT_TRUE(child::passes([&calls, error] {
                WriteExec pages(1);
                seccomp::refuse(calls, error);
                EXPECT_FAILS(pages.publish(), std::errc::operation_not_supported);
            }));
        }
    }
}

// -- asking ---------------------------------------------------------------------------------------

TEST_F(FilteredProbe, ClaimsNoDeniedReading) {
    using WriteOnlyExec = Pages<DenyRead, AllowWrite, AllowExec>;
    for (const int error : {EPERM, ENOSYS, EINVAL}) {
        EXPECT_TRUE(child::passes([error] {
            seccomp::refuse({.number = SYS_futex}, error);
            EXPECT_FALSE(WriteOnly::is_enforced());
            EXPECT_TRUE(ReadOnly::is_enforced());
        }));
    }
    EXPECT_TRUE(child::passes([] {
        seccomp::refuse({.number = SYS_futex}, EFAULT);
        EXPECT_TRUE(WriteOnlyExec::is_enforced()) << "the kernel could not read it either";
    }));
}

TEST_F(HiddenFiles, MeanNoHugePages) {
    EXPECT_TRUE(child::passes([] {
        seccomp::refuse_opening(EACCES);
        EXPECT_EQ(huge_page_size(), 0U);
    }));
}

// Pitfall: unreadable-taken-for-none
TEST_F(HiddenFiles, MeanUnknownLimits) {
    EXPECT_TRUE(child::passes([] {
        seccomp::refuse_opening(ENOENT);
        const MemoryLimits limits = memory_limits();
        EXPECT_EQ(limits.page_size, probe::page_size());
        EXPECT_EQ(limits.transparent_huge_pages, std::nullopt);
        EXPECT_EQ(limits.overcommit, std::nullopt);
        EXPECT_FALSE(is_supported(Feature::commit_charge));
        EXPECT_FALSE(is_supported(Feature::uncharged_pages));
        EXPECT_FALSE(is_supported(HugePages::prefer));
        for (const Limit& limit : {limits.committed, limits.mappings}) {
            EXPECT_EQ(limit.used, std::nullopt);
            EXPECT_EQ(limit.most, std::nullopt);
            EXPECT_FALSE(limit.is_known);
        }
        EXPECT_EQ(limits.address_space.used, std::nullopt);
    }));
}

TEST_F(HiddenFiles, MeanUnknownResourceLimits) {
    EXPECT_TRUE(child::passes([] {
        seccomp::refuse({.number = SYS_prlimit64}, EPERM);
        const MemoryLimits limits = memory_limits();
        for (const Limit& limit : {limits.locked, limits.address_space, limits.data}) {
            EXPECT_NE(limit.used, std::nullopt);
            EXPECT_EQ(limit.most, std::nullopt);
            EXPECT_FALSE(limit.is_known);
        }
    }));
}

// Pitfall: errno-changes
TEST_F(FilteredCalls, LeaveErrnoUnchanged) {
    EXPECT_TRUE(child::passes([] {
        ReadWrite pages = filled();
        PagedVec<int> vec(1000);
        vec.resize(1);
        for (const long number : {SYS_madvise, SYS_mprotect, SYS_mremap, SYS_munmap}) {
            seccomp::refuse({.number = number}, ENOMEM);
        }
        seccomp::refuse(mmap_over, ENOMEM);
        errno = ERANGE;
        EXPECT_FALSE(pages.try_decommit());
        EXPECT_FALSE(pages.try_discard());
        EXPECT_FALSE(pages.try_populate());
        EXPECT_FALSE(pages.try_advise(Advice::random));
        EXPECT_FALSE(pages.try_resize(2 * pages.size()));
        pages.zero();
        vec.shrink_to_fit();
        EXPECT_FALSE(vec.try_reserve(1U << 20U));
        auto frozen = std::move(pages).try_deny_write();
        EXPECT_FALSE(frozen);
        EXPECT_EQ(errno, ERANGE);
    }));
}

}  // namespace
