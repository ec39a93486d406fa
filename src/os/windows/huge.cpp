// SPDX-License-Identifier: MIT
// Sources: Microsoft's reference of the memory management functions, Large-Page Support, and
// AdjustTokenPrivileges.
#include "os/huge.hpp"
#include "os/memory.hpp"
#include "os/shared.hpp"
#include "os/windows/api.hpp"
#include "os/windows/calls.hpp"
#include "os/windows/virtual_memory.hpp"

#include <cstddef>

#pragma GCC visibility push(hidden)

namespace memory_pages {
namespace {

/// AdjustTokenPrivileges also succeeds if it changes nothing: only the last error tells.
DWORD enable(HANDLE token, const LUID& privilege) noexcept {
    TOKEN_PRIVILEGES wanted{};
    wanted.PrivilegeCount = 1;
    wanted.Privileges[0] = {.Luid = privilege, .Attributes = SE_PRIVILEGE_ENABLED};
    ::SetLastError(ERROR_SUCCESS);
    (void)::AdjustTokenPrivileges(token, FALSE, &wanted, 0, nullptr, nullptr);
    return ::GetLastError();
}

/// Enables the account's right to lock pages in memory for the process, which large pages need.
/// Returns a Windows error or ERROR_SUCCESS. `ERROR_NOT_ALL_ASSIGNED`: the account lacks the right.
/// Not cached: the answer may change.
DWORD enable_locking_of_memory() noexcept {
    LUID privilege{};
    if (!::LookupPrivilegeValueW(nullptr, L"SeLockMemoryPrivilege", &privilege)) {
        return ::GetLastError();
    }
    HANDLE token = nullptr;
    if (!::OpenProcessToken(::GetCurrentProcess(), TOKEN_ADJUST_PRIVILEGES, &token)) {
        return ::GetLastError();
    }
    const DWORD error = enable(token, privilege);
    (void)::CloseHandle(token);
    return error;
}

}  // namespace

std::size_t os::huge_page_size() noexcept { return ::GetLargePageMinimum(); }

std::size_t os::transparent_huge_page_size() noexcept { return 0; }

bool os::is_supported(HugePages policy) noexcept {
    if (policy != HugePages::require) {
        return policy != HugePages::prefer;
    }
    const KeepLastError keep;
    const os::Result<std::byte*> page = map_huge(huge_page_size(), 1, Access::read_write);
    if (page) {
        unmap(*page, huge_page_size());
    }
    return page.has_value();
}

// "Large-Page Support": large pages are reserved and committed in one call, are aligned to their
// size, and are always readable and writable. So write access cannot be denied.
os::Result<std::byte*> os::map_huge(std::size_t bytes, std::size_t alignment,
                                    Access access) noexcept {
    const KeepLastError keep;
    if (huge_page_size() == 0 || alignment > huge_page_size() || !allows(access, Access::write)) {
        return not_supported();
    }
    constexpr DWORD type = MEM_RESERVE | MEM_COMMIT | MEM_LARGE_PAGES;
    std::byte* base = allocate(nullptr, bytes, type, native(access));
    if (base == nullptr && ::GetLastError() == ERROR_PRIVILEGE_NOT_HELD) {
        if (const DWORD error = enable_locking_of_memory(); error != ERROR_SUCCESS) {
            return std::unexpected(refusal_of_large_pages(error));
        }
        base = allocate(nullptr, bytes, type, native(access));
    }
    if (base == nullptr) {
        return std::unexpected(refusal_of_large_pages(::GetLastError()));
    }
    return base;
}

bool os::set_huge_pages(std::byte*, std::size_t, HugePages) noexcept { return true; }

os::Result<void> os::collapse(std::byte*, std::size_t) noexcept { return not_supported(); }

bool os::can_collapse() noexcept { return false; }

}  // namespace memory_pages

#pragma GCC visibility pop
