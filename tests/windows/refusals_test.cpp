// SPDX-License-Identifier: MIT
// What Windows may refuse, and what some versions of Windows lack: functions are replaced by those
// of a test.
#include <memory_pages/exec.hpp>
#include <memory_pages/page_size.hpp>
#include <memory_pages/paged_vec.hpp>
#include <memory_pages/pages.hpp>
#include <memory_pages/ranges.hpp>
#include <memory_pages/unsafe_write_exec.hpp>

#include "support/imports.hpp"
#include "support/probe.hpp"
#include "support/windows_api.hpp"

#include <gtest/gtest.h>

#include <psapi.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace {

using namespace memory_pages;

using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;

constexpr std::size_t mebi = std::size_t{1} << 20;

std::size_t page() { return probe::page_size(); }

bool is_aligned(const void* address, std::size_t alignment) {
    return reinterpret_cast<std::uintptr_t>(address) % alignment == 0;
}

/// Runs tests of cached look-ups in a process of their own.
void in_a_new_process(void (*act)()) {
    EXPECT_EXIT(
        {
            act();
            std::exit(testing::Test::HasFailure() ? EXIT_FAILURE : EXIT_SUCCESS);
        },
        testing::ExitedWithCode(EXIT_SUCCESS), "");
}

// -- VirtualAlloc of a test -----------------------------------------------------------------------

/// Calls of one kind, of which the first are refused.
struct Refusals {
    DWORD type = 0;           ///< The kind: MEM_COMMIT, MEM_RESERVE or MEM_RESET.
    bool at_a_place = false;  ///< Whether only calls with an address count.
    int count = 0;            ///< The number of refusals.
    DWORD error = 0;          ///< Their error.
    int calls = 0;            ///< The number of calls of the kind.
};
Refusals refusals;
auto* const real_virtual_alloc = imports::imported<decltype(::VirtualAlloc)>("VirtualAlloc");

PVOID WINAPI refusing_alloc(PVOID where, SIZE_T bytes, DWORD type, DWORD protection) {
    if ((type & refusals.type) != 0 && (!refusals.at_a_place || where != nullptr)) {
        if (++refusals.calls <= refusals.count) {
            ::SetLastError(refusals.error);
            return nullptr;
        }
    }
    return real_virtual_alloc(where, bytes, type, protection);
}

/// Refuses calls while it exists.
class Refuse {
public:
    explicit Refuse(const Refusals& wanted) { refusals = wanted; }

private:
    imports::Replaced<decltype(::VirtualAlloc)> replaced_{"VirtualAlloc", &refusing_alloc};
};

constexpr int every_time = 1'000'000;
constexpr std::array<DWORD, 4> transient_errors = {
    ERROR_COMMITMENT_LIMIT,
    ERROR_COMMITMENT_MINIMUM,
    ERROR_PAGEFILE_QUOTA,
    ERROR_NOT_ENOUGH_MEMORY,
};

TEST(RefusedCommit, IsRetriedWhileThePageFileGrows) {
    for (const DWORD error : transient_errors) {
        const Refuse refuse({.type = MEM_COMMIT, .count = 4, .error = error});
        const Result<ReadWrite> pages = ReadWrite::try_new(mebi);
        ASSERT_TRUE(pages) << error << ' ' << pages.error();
        EXPECT_EQ(refusals.calls, 5);
        EXPECT_TRUE(probe::can_write(const_cast<std::uint8_t*>(pages->data()) + mebi - 1));
    }
}

TEST(RefusedCommit, FailsAfterAFewTriesAndLeavesNothing) {
    for (const DWORD error : transient_errors) {
        const std::size_t before = probe::mapping_count();
        const Refuse refuse({.type = MEM_COMMIT, .count = every_time, .error = error});
        EXPECT_EQ(ReadWrite::try_new(mebi).error(), PageError::commit_limit) << error;
        EXPECT_LT(refusals.calls, 20);
        EXPECT_EQ(probe::mapping_count(), before);
    }
}

TEST(RefusedCommit, LeavesAVectorUnchanged) {
    PagedVec<std::uint64_t> vec = {1, 2, 3};
    const Refuse refuse({.type = MEM_COMMIT, .count = every_time, .error = ERROR_COMMITMENT_LIMIT});
    EXPECT_EQ(vec.try_reserve(mebi).error(), PageError::commit_limit);
    EXPECT_EQ(vec.size(), 3U);
    EXPECT_EQ(vec[2], 3U);
}

TEST(RefusedCommit, FailsAtOnceWhenWaitingDoesNotHelp) {
    constexpr DWORD dynamic_code_blocked = 1655;
    for (const DWORD error : {DWORD{ERROR_ACCESS_DENIED}, dynamic_code_blocked}) {
        const Refuse refuse({.type = MEM_COMMIT, .count = every_time, .error = error});
        EXPECT_EQ(ReadWrite::try_new(mebi).error(), std::errc::permission_denied);
        EXPECT_EQ(refusals.calls, 2) << "reserved and committed at once, then one after the other";
    }
}

TEST(RefusedCommit, KeepsTheNumberOfAnUnknownError) {
    const Refuse refuse({.type = MEM_COMMIT, .count = every_time, .error = ERROR_BAD_LENGTH});
    EXPECT_EQ(ReadWrite::try_new(mebi).error(),
              std::error_code(ERROR_BAD_LENGTH, std::system_category()));
}

TEST(RefusedReservation, FailsAtOnceForLackOfAddressSpace) {
    for (const DWORD error : {DWORD{ERROR_INVALID_PARAMETER}, DWORD{ERROR_NOT_ENOUGH_MEMORY}}) {
        const Refuse refuse({.type = MEM_RESERVE, .count = every_time, .error = error});
        const std::error_code refused = ReadWrite::try_new(mebi).error();
        EXPECT_EQ(refused, std::errc::not_enough_memory);
        EXPECT_NE(refused, PageError::commit_limit);
        EXPECT_EQ(refusals.calls, 2);
    }
}

// -- functions that are looked up -----------------------------------------------------------------

/// The result of GetProcAddress for one name; others are looked up.
struct LookUp {
    std::string_view name;
    FARPROC function = nullptr;
    DWORD error = ERROR_PROC_NOT_FOUND;  ///< The error if there is no function.
};
LookUp looked_up;
auto* const real_get_proc_address = imports::imported<decltype(::GetProcAddress)>("GetProcAddress");

FARPROC WINAPI get_proc_address(HMODULE library, LPCSTR name) {
    if (name != looked_up.name) {
        return real_get_proc_address(library, name);
    }
    if (looked_up.function == nullptr) {
        ::SetLastError(looked_up.error);
    }
    return looked_up.function;
}

/// Applies from now on. For a process of its own.
void look_up(std::string_view name, FARPROC function, DWORD error = ERROR_PROC_NOT_FOUND) {
    looked_up = {name, function, error};
    static const imports::Replaced<decltype(::GetProcAddress)> replaced("GetProcAddress",
                                                                        &get_proc_address);
}

template <class Function>
FARPROC any_function(Function* function) {
    return reinterpret_cast<FARPROC>(reinterpret_cast<void*>(function));
}

int calls_of_the_replacement = 0;

PVOID WINAPI counting_alloc2(HANDLE process, PVOID base, SIZE_T bytes, ULONG type, ULONG protection,
                             MEM_EXTENDED_PARAMETER* parameters, ULONG count) {
    ++calls_of_the_replacement;
    static const auto real = reinterpret_cast<decltype(&counting_alloc2)>(reinterpret_cast<void*>(
        real_get_proc_address(::GetModuleHandleW(L"kernelbase.dll"), "VirtualAlloc2")));
    return real(process, base, bytes, type, protection, parameters, count);
}

TEST(AlignedPages, AreMappedByOneCall) {
    in_a_new_process([] {
        look_up("VirtualAlloc2", any_function(&counting_alloc2));
        const ReadWrite pages(page(), {.alignment = 32 * mebi});
        EXPECT_TRUE(is_aligned(pages.data(), 32 * mebi));
        EXPECT_EQ(calls_of_the_replacement, 1);
    });
}

TEST(AlignedPages, AreFoundByTrialOnOldWindows) {
    in_a_new_process([] {
        look_up("VirtualAlloc2", nullptr);
        const std::size_t before = probe::address_space_bytes();
        for (const std::size_t alignment : {mebi, 32 * mebi}) {
            const ReadWrite first(page(), {.alignment = alignment});
            const ReadWrite second(3 * mebi, {.alignment = alignment});
            EXPECT_TRUE(is_aligned(first.data(), alignment));
            EXPECT_TRUE(is_aligned(second.data(), alignment));
            EXPECT_TRUE(probe::can_write(const_cast<std::uint8_t*>(second.data()) + 3 * mebi - 1));
            EXPECT_LT(probe::address_space_bytes(), before + 5 * mebi);
        }
    });
}

TEST(AlignedPages, AreTriedAgainWhenAnotherThreadWasFaster) {
    in_a_new_process([] {
        look_up("VirtualAlloc2", nullptr);
        const Refuse refuse(
            {.type = MEM_RESERVE, .at_a_place = true, .count = 3, .error = ERROR_INVALID_ADDRESS});
        const ReadWrite pages(page(), {.alignment = 32 * mebi});
        EXPECT_TRUE(is_aligned(pages.data(), 32 * mebi));
        EXPECT_EQ(refusals.calls, 4);
    });
}

TEST(AlignedPages, FailAfterAFewTrialsAndLeaveNothing) {
    in_a_new_process([] {
        look_up("VirtualAlloc2", nullptr);
        const std::size_t before = probe::mapping_count();
        const Refuse refuse({.type = MEM_RESERVE,
                             .at_a_place = true,
                             .count = every_time,
                             .error = ERROR_INVALID_ADDRESS});
        EXPECT_EQ(ReadWrite::try_new(page(), {.alignment = 32 * mebi}).error(),
                  std::errc::not_enough_memory);
        EXPECT_LT(refusals.calls, 100);
        EXPECT_EQ(probe::mapping_count(), before);
    });
}

DWORD WINAPI refusing_discard(PVOID, SIZE_T) {
    ++calls_of_the_replacement;
    return ERROR_NOT_LOCKED;
}

DWORD WINAPI pretending_discard(PVOID, SIZE_T) {
    ++calls_of_the_replacement;
    return ERROR_SUCCESS;
}

/// Decommits the middle of resident pages, and checks the result.
void expect_decommit_gives_memory_back() {
    ReadWrite pages(16 * page());
    std::ranges::fill(pages, std::uint8_t{5});
    pages.decommit(page(), 14 * page());
    EXPECT_EQ(probe::resident_bytes(pages.data(), pages.size()), 2 * page());
    EXPECT_EQ(probe::permissions(pages.data() + page()), "rw-");
    EXPECT_TRUE(std::ranges::all_of(pages.bytes().first(page()), [](int b) { return b == 5; }));
    EXPECT_TRUE(std::ranges::all_of(pages.bytes().last(page()), [](int b) { return b == 5; }));
    pages[8 * page()] = 6;
    EXPECT_EQ(pages[8 * page()], 6);
}

TEST(Decommit, IsOneCallWhereWindowsSupportsIt) {
    in_a_new_process([] {
        look_up("DiscardVirtualMemory", any_function(&pretending_discard));
        ReadWrite pages(16 * page());
        pages[page()] = 5;
        const Refuse refuse({.type = MEM_COMMIT, .count = every_time, .error = ERROR_BAD_LENGTH});
        pages.decommit();
        EXPECT_EQ(calls_of_the_replacement, 1);
        EXPECT_EQ(refusals.calls, 0);
    });
}

TEST(Decommit, LooksUpFailedEntryPointsAgain) {
    in_a_new_process([] {
        look_up("DiscardVirtualMemory", nullptr, ERROR_NOT_ENOUGH_MEMORY);
        ReadWrite pages(16 * page());
        pages.decommit();
        EXPECT_EQ(calls_of_the_replacement, 0);
        look_up("DiscardVirtualMemory", any_function(&pretending_discard));
        pages.decommit();
        EXPECT_EQ(calls_of_the_replacement, 1);
    });
}

// Pitfall: windows-free-and-keep
TEST(Decommit, FreesMemoryWhenDiscardIsRefused) {
    in_a_new_process([] {
        look_up("DiscardVirtualMemory", any_function(&refusing_discard));
        expect_decommit_gives_memory_back();
        EXPECT_EQ(calls_of_the_replacement, 1);
    });
}

TEST(Decommit, FreesMemoryWhereWindowsCannotDiscard) {
    in_a_new_process([] {
        look_up("DiscardVirtualMemory", nullptr);
        expect_decommit_gives_memory_back();
    });
}

TEST(Decommit, KeepsPagesExecutable) {
    in_a_new_process([] {
        look_up("DiscardVirtualMemory", nullptr);
        Pages<AllowRead, AllowWrite, AllowExec> pages(4 * page());
        pages.decommit();
        EXPECT_EQ(probe::permissions(pages.data()), "rwx");
    });
}

/// The bytes of `VirtualUnlock` calls: pages that leave the working set.
SIZE_T bytes_unlocked = 0;

BOOL WINAPI counting_unlock(PVOID, SIZE_T bytes) {
    bytes_unlocked += bytes;
    ::SetLastError(ERROR_NOT_LOCKED);
    return FALSE;
}

// Pitfall: windows-free-and-keep
TEST(Decommit, KeepsPagesExecutableWhenMemoryIsRefused) {
    in_a_new_process([] {
        look_up("DiscardVirtualMemory", nullptr);
        Pages<AllowRead, AllowWrite, AllowExec> pages(64 * page());
        const imports::Replaced<decltype(::VirtualUnlock)> unlock("VirtualUnlock",
                                                                  &counting_unlock);
        const Refuse refuse(
            {.type = MEM_COMMIT | MEM_RESET, .count = every_time, .error = ERROR_COMMITMENT_LIMIT});
        EXPECT_EQ(pages.try_decommit().error(), PageError::commit_limit);
        EXPECT_EQ(probe::permissions(pages.data()), "rwx");
        refusals.type = MEM_COMMIT;
        EXPECT_TRUE(pages.try_decommit());
        EXPECT_EQ(bytes_unlocked, pages.size());
        std::ranges::fill(pages, std::uint8_t{5});
        EXPECT_TRUE(pages.try_zero());
        EXPECT_TRUE(std::ranges::all_of(pages, [](int byte) { return byte == 0; }));
        EXPECT_EQ(probe::permissions(pages.data()), "rwx");
    });
}

// Pitfall: windows-free-and-keep
TEST(Decommit, ReportsLostPagesAndRestoresThemWhenRepeated) {
    in_a_new_process([] {
        look_up("DiscardVirtualMemory", nullptr);
        ReadWrite pages(4 * page());
        {
            const Refuse refuse(
                {.type = MEM_COMMIT, .count = every_time, .error = ERROR_COMMITMENT_LIMIT});
            EXPECT_EQ(pages.try_decommit(page(), page()).error(), PageError::commit_limit);
        }
        EXPECT_EQ(probe::permissions(pages.data() + page()), "");
        EXPECT_EQ(probe::permissions(pages.data() + 2 * page()), "rw-");
        pages.decommit();
        EXPECT_EQ(probe::permissions(pages.data() + page()), "rw-");
        pages[page()] = 5;
        EXPECT_EQ(pages[page()], 5);
    });
}

BOOL WINAPI refusing_free(LPVOID, SIZE_T, DWORD) {
    ++calls_of_the_replacement;
    ::SetLastError(ERROR_INVALID_PARAMETER);
    return FALSE;
}

TEST(Zero, ClearsPagesThatWindowsKeeps) {
    ReadWrite pages(64 * page());
    std::ranges::fill(pages, std::uint8_t{5});
    calls_of_the_replacement = 0;
    {
        const imports::Replaced<decltype(::VirtualFree)> refused("VirtualFree", &refusing_free);
        EXPECT_TRUE(pages.try_zero());
    }
    EXPECT_EQ(calls_of_the_replacement, 1);
    EXPECT_TRUE(std::ranges::all_of(pages, [](int byte) { return byte == 0; }));
}

TEST(Discard, IsLazy) {
    ReadWrite pages(4 * page());
    const Refuse refuse({.type = MEM_RESET});
    pages.discard(page(), 2 * page());
    EXPECT_EQ(refusals.calls, 1);
}

BOOL WINAPI refusing_prefetch(HANDLE, ULONG_PTR, WIN32_MEMORY_RANGE_ENTRY*, ULONG) {
    ++calls_of_the_replacement;
    ::SetLastError(ERROR_NO_SYSTEM_RESOURCES);
    return FALSE;
}

TEST(Advice, UseSoonIsIgnoredWhereUnsupported) {
    in_a_new_process([] {
        look_up("PrefetchVirtualMemory", nullptr);
        const ReadWrite pages(page());
        EXPECT_FALSE(is_supported(Advice::use_soon));
        EXPECT_TRUE(pages.try_advise(Advice::use_soon));
    });
}

ULONG_PTR ranges_of_the_call = 0;
SIZE_T bytes_of_the_call = 0;

BOOL WINAPI counting_prefetch(HANDLE, ULONG_PTR count, WIN32_MEMORY_RANGE_ENTRY* ranges, ULONG) {
    ++calls_of_the_replacement;
    ranges_of_the_call = count;
    for (ULONG_PTR i = 0; i < count; ++i) {
        bytes_of_the_call += ranges[i].NumberOfBytes;
    }
    return TRUE;
}

TEST(Advice, IsOneCallForManyRanges) {
    in_a_new_process([] {
        look_up("PrefetchVirtualMemory", any_function(&counting_prefetch));
        const ReadWrite pages(8 * page());
        pages.advise(Advice::use_soon,
                     std::array{ByteRange{0, page()}, ByteRange{4 * page(), 2 * page()}});
        EXPECT_EQ(calls_of_the_replacement, 1);
        EXPECT_EQ(ranges_of_the_call, 2U);
        EXPECT_EQ(bytes_of_the_call, 3 * page());
        EXPECT_TRUE(pages.try_advise(Advice::random, std::array{ByteRange{0, page()}}));
        EXPECT_EQ(calls_of_the_replacement, 1) << "which Windows does not know";
    });
}

TEST(Advice, ReportsRefusals) {
    in_a_new_process([] {
        look_up("PrefetchVirtualMemory", any_function(&refusing_prefetch));
        const ReadWrite pages(page());
        EXPECT_TRUE(is_supported(Advice::use_soon));
        EXPECT_EQ(pages.try_advise(Advice::use_soon).error(), std::errc::not_enough_memory);
        EXPECT_EQ(calls_of_the_replacement, 1);
    });
}

BOOL WINAPI prefetch_without_access(HANDLE, ULONG_PTR, WIN32_MEMORY_RANGE_ENTRY*, ULONG) {
    ++calls_of_the_replacement;
    ::SetLastError(ERROR_ACCESS_DENIED);
    return FALSE;
}

TEST(Advice, UseSoonSucceedsOnInaccessiblePages) {
    in_a_new_process([] {
        look_up("PrefetchVirtualMemory", any_function(&prefetch_without_access));
        const Pages<DenyRead, DenyWrite, DenyExec> pages(page());
        EXPECT_TRUE(pages.try_advise(Advice::use_soon));
        EXPECT_EQ(calls_of_the_replacement, 1);
    });
}

BOOL WINAPI refusing_query(HANDLE, PVOID, DWORD) {
    ::SetLastError(ERROR_NO_SYSTEM_RESOURCES);
    return FALSE;
}

std::byte* locked_page = nullptr;

/// The result of QueryWorkingSetEx for pages of which one is locked.
BOOL WINAPI query_of_one_locked_page(HANDLE, PVOID pages, DWORD bytes) {
    auto* const each = static_cast<PSAPI_WORKING_SET_EX_INFORMATION*>(pages);
    for (std::size_t i = 0; i != bytes / sizeof *each; ++i) {
        each[i].VirtualAttributes.Valid = 1;
        each[i].VirtualAttributes.Locked = each[i].VirtualAddress == locked_page ? 1 : 0;
    }
    return TRUE;
}

struct Unlocked {
    std::byte* base;
    SIZE_T bytes;
    bool operator==(const Unlocked&) const = default;
};
std::vector<Unlocked> unlocked;

/// Microsoft's reference: VirtualUnlock fails for pages that are not locked, and removes them from
/// the working set all the same.
BOOL WINAPI noting_unlock(PVOID base, SIZE_T bytes) {
    unlocked.push_back({static_cast<std::byte*>(base), bytes});
    ::SetLastError(ERROR_NOT_LOCKED);
    return FALSE;
}

class PageOut : public testing::Test {
protected:
    PageOut() {
        unlocked.clear();
        locked_page = nullptr;
    }

private:
    imports::Replaced<decltype(::VirtualUnlock)> unlock_{"VirtualUnlock", &noting_unlock};
};

TEST_F(PageOut, IsSupportedWhereUnlockedPagesLeaveTheWorkingSet) {
    EXPECT_TRUE(is_supported(Advice::page_out));
    EXPECT_EQ(unlocked.size(), 1U);
    EXPECT_FALSE(is_supported(Advice::cold));
    EXPECT_FALSE(is_supported(Advice::never_merge));
}

// Pitfall: working-set-unlocks
TEST_F(PageOut, UnlocksOnlyPagesThatAreNotLocked) {
    const imports::Replaced<decltype(::K32QueryWorkingSetEx)> query("K32QueryWorkingSetEx",
                                                                    &query_of_one_locked_page);
    const ReadWrite pages(300 * page());
    auto* const base = reinterpret_cast<std::byte*>(const_cast<std::uint8_t*>(pages.data()));
    locked_page = base + 130 * page();
    pages.advise(Advice::page_out, page(), 298 * page());
    EXPECT_EQ(unlocked, (std::vector<Unlocked>{{base + page(), 128 * page()},
                                               {base + 129 * page(), page()},
                                               {base + 131 * page(), 126 * page()},
                                               {base + 257 * page(), 42 * page()}}));
}

TEST_F(PageOut, UnlocksNothingWhenLockedPagesAreUnknown) {
    const imports::Replaced<decltype(::K32QueryWorkingSetEx)> query("K32QueryWorkingSetEx",
                                                                    &refusing_query);
    const ReadWrite pages(page());
    EXPECT_EQ(pages.try_advise(Advice::page_out).error(), std::errc::not_enough_memory);
    EXPECT_TRUE(unlocked.empty());
}

// -- large pages ----------------------------------------------------------------------------------

/// An account, and what it is granted: large pages, which are ordinary ones here.
struct Account {
    DWORD error = ERROR_SUCCESS;  ///< The result of enabling the privilege.
    bool is_enabled = false;
};
Account account;

PVOID WINAPI privileged_alloc(PVOID where, SIZE_T bytes, DWORD type, DWORD protection) {
    if ((type & MEM_LARGE_PAGES) != 0 && !account.is_enabled) {
        ::SetLastError(ERROR_PRIVILEGE_NOT_HELD);
        return nullptr;
    }
    return real_virtual_alloc(where, bytes, type & ~DWORD{MEM_LARGE_PAGES}, protection);
}

BOOL WINAPI adjusting_privileges(HANDLE, BOOL, PTOKEN_PRIVILEGES wanted, DWORD, PTOKEN_PRIVILEGES,
                                 PDWORD) {
    account.is_enabled = account.error == ERROR_SUCCESS && wanted->PrivilegeCount == 1 &&
                         wanted->Privileges[0].Attributes == SE_PRIVILEGE_ENABLED;
    ::SetLastError(account.error);
    return TRUE;
}

BOOL WINAPI refusing_free_of_large_pages(LPVOID base, SIZE_T bytes, DWORD type) {
    if (type == MEM_DECOMMIT) {
        ::SetLastError(ERROR_INVALID_ADDRESS);
        return FALSE;
    }
    static auto* const real = &::VirtualFreeEx;
    return real(::GetCurrentProcess(), base, bytes, type);
}

class LargePages : public testing::Test {
protected:
    LargePages() { account = {}; }

    static Result<ReadWrite> one() {
        return ReadWrite::try_new(huge_page_size(), {.huge_pages = HugePages::require});
    }

private:
    imports::Replaced<decltype(::VirtualAlloc)> alloc_{"VirtualAlloc", &privileged_alloc};
    imports::Replaced<decltype(::AdjustTokenPrivileges)> adjust_{"AdjustTokenPrivileges",
                                                                 &adjusting_privileges};
};

TEST_F(LargePages, AreGrantedWithThePrivilegeToLockPages) {
    Result<ReadWrite> pages = one();
    ASSERT_TRUE(pages) << pages.error();
    (*pages)[0] = 1;
}

TEST_F(LargePages, AreRefusedWithoutThePrivilegeAndTriedAgain) {
    account.error = ERROR_NOT_ALL_ASSIGNED;
    EXPECT_EQ(one().error(), PageError::huge_page_limit);
    account.error = ERROR_SUCCESS;
    EXPECT_TRUE(one()) << "the account may since have been given the right";
}

TEST_F(LargePages, AreRefusedForReadOnlyPages) {
    const auto pages = Pages<AllowRead, DenyWrite, DenyExec>::try_new(
        huge_page_size(), {.huge_pages = HugePages::require});
    ASSERT_FALSE(pages);
    EXPECT_EQ(pages.error(), std::errc::operation_not_supported);
}

// Pitfall: windows-free-and-keep
TEST_F(LargePages, ReportWhenTheyCannotBeFreedInPart) {
    in_a_new_process([] {
        look_up("DiscardVirtualMemory", nullptr);
        Result<ReadWrite> pages = one();
        ASSERT_TRUE(pages);
        (*pages)[0] = 5;
        const imports::Replaced<decltype(::VirtualFree)> refused("VirtualFree",
                                                                 &refusing_free_of_large_pages);
        EXPECT_EQ(pages->try_decommit().error(), std::errc::operation_not_supported);
        EXPECT_TRUE(pages->try_zero());
        EXPECT_EQ((*pages)[0], 0);
    });
}

// -- new code -------------------------------------------------------------------------------------

struct Range {
    const void* base = nullptr;
    std::size_t bytes = 0;
};
Range flushed;
bool is_flush_refused = false;
int calls_of_the_barrier = 0;

BOOL WINAPI noting_flush(HANDLE, LPCVOID base, SIZE_T bytes) {
    flushed = {base, bytes};
    ::SetLastError(ERROR_ACCESS_DENIED);
    return is_flush_refused ? FALSE : TRUE;
}

VOID WINAPI noting_barrier() { ++calls_of_the_barrier; }

class NewCode : public testing::Test {
protected:
    NewCode() {
        flushed = {};
        is_flush_refused = false;
        calls_of_the_barrier = 0;
    }

private:
    imports::Replaced<decltype(::FlushInstructionCache)> flush_{"FlushInstructionCache",
                                                                &noting_flush};
    imports::Replaced<decltype(::FlushProcessWriteBuffers)> barrier_{"FlushProcessWriteBuffers",
                                                                     &noting_barrier};
};

TEST_F(NewCode, IsFlushedOnEveryWayToOtherThreads) {
    ReadWrite pages(3 * page());
    const void* const base = pages.data();
    const auto code = std::move(pages).set_protected_exec();
    EXPECT_EQ(flushed.base, base);
    EXPECT_EQ(flushed.bytes, 3 * page());
    EXPECT_EQ(calls_of_the_barrier, 1);
}

TEST_F(NewCode, IsFlushedWhenPublished) {
    Pages<AllowRead, AllowWrite, AllowExec> pages(page());
    pages.publish(16, 32);
    EXPECT_EQ(flushed.base, pages.data() + 16);
    EXPECT_EQ(flushed.bytes, 32U);
    EXPECT_EQ(calls_of_the_barrier, 1);
}

TEST_F(NewCode, NeedsNoCallBeforeItHasRun) {
    Pages<AllowRead, AllowWrite, AllowExec> pages(page());
    pages.publish(Publish::not_yet_run);
    EXPECT_EQ(flushed.base, nullptr) << "the processor sees stores to code";
    EXPECT_EQ(calls_of_the_barrier, 0);
}

TEST_F(NewCode, IsNotExecutableWhenTheFlushFails) {
    ReadWrite pages(page());
    is_flush_refused = true;
    const auto refused = std::move(pages).try_set_protected_exec();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().error, std::errc::permission_denied);
    EXPECT_EQ(probe::permissions(refused.error().pages.data()), "rw-");
}

}  // namespace
