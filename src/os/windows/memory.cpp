// SPDX-License-Identifier: MIT
// Source: Microsoft's reference of the memory management functions. parts.cpp has the other verbs.
#include "os/memory.hpp"
#include "os/reserve.hpp"
#include "os/shared.hpp"
#include "os/windows/api.hpp"
#include "os/windows/calls.hpp"
#include "os/windows/virtual_memory.hpp"

#include <cstddef>
#include <optional>

#pragma GCC visibility push(hidden)

namespace memory_pages {
namespace {

using os::Access;
using os::allocate;
using os::native;

const SYSTEM_INFO& system_info() noexcept {
    static const SYSTEM_INFO info = []() noexcept {
        SYSTEM_INFO value;
        ::GetSystemInfo(&value);
        return value;
    }();
    return info;
}

/// Whether a page can be mapped with one access and then changed to the other.
bool is_granted(Access first, Access then) noexcept {
    std::byte* const page =
        allocate(nullptr, os::page_size(), MEM_RESERVE | MEM_COMMIT, native(first));
    if (page == nullptr) {
        return false;
    }
    const bool is_changed = os::protect(page, os::page_size(), then).has_value();
    os::unmap(page, os::page_size());
    return is_changed;
}

}  // namespace

std::size_t os::page_size() noexcept { return system_info().dwPageSize; }

std::size_t os::allocation_granularity() noexcept { return system_info().dwAllocationGranularity; }

os::Result<std::byte*> os::map(std::size_t bytes, std::size_t alignment, Access access,
                               Charge) noexcept {
    const KeepLastError keep;
    if (alignment <= allocation_granularity()) [[likely]] {
        if (std::byte* const base =
                allocate(nullptr, bytes, MEM_RESERVE | MEM_COMMIT, native(access))) [[likely]] {
            return base;
        }
    }
    // In two steps: the refused step tells whether addresses or memory are missing.
    const os::Result<std::byte*> base = reserve(bytes, alignment);
    if (!base) {
        return base;
    }
    if (const os::Result<void> done = commit(*base, bytes, access); !done) {
        release(*base, bytes);
        return std::unexpected(done.error());
    }
    return base;
}

void os::unmap(std::byte* base, std::size_t) noexcept {
    const KeepLastError keep;
    (void)::VirtualFree(base, 0, MEM_RELEASE);
}

void os::unmap_all(std::span<Range> mappings) noexcept {
    for (const Range& mapping : mappings) {
        unmap(mapping.base, mapping.bytes);
    }
}

os::Result<std::byte*> os::resize(std::byte* base, std::size_t old_bytes, std::size_t new_bytes,
                                  std::size_t) noexcept {
    const KeepLastError keep;
    if (new_bytes < old_bytes) {
        // Windows releases only whole allocations, so the addresses stay until `unmap`.
        if (os::Result<void> done = uncommit(base + new_bytes, old_bytes - new_bytes); !done) {
            return std::unexpected(done.error());
        }
        return base;
    }
    const std::size_t added = new_bytes - old_bytes;
    const MEMORY_BASIC_INFORMATION behind = query(base + old_bytes);
    if (behind.State != MEM_RESERVE || behind.AllocationBase != base || behind.RegionSize < added) {
        return not_supported();
    }
    if (os::Result<void> done = commit_patiently(base + old_bytes, added, query(base).Protect);
        !done) {
        return std::unexpected(done.error());
    }
    return base;
}

os::Result<void> os::protect(std::byte* base, std::size_t bytes, Access access) noexcept {
    const KeepLastError keep;
    DWORD before = 0;
    if (::VirtualProtect(base, bytes, native(access), &before)) [[likely]] {
        return {};
    }
    const DWORD error = ::GetLastError();
    // The constants for writable pages of a copy-on-write view.
    const DWORD copied = allows(access, Access::exec) ? PAGE_EXECUTE_WRITECOPY : PAGE_WRITECOPY;
    if (allows(access, Access::write) && query(base).Type == MEM_MAPPED &&
        ::VirtualProtect(base, bytes, copied, &before)) {
        return {};
    }
    return refused(error);
}

bool os::is_enforced(Access access) noexcept {
    const KeepLastError keep;
    if (access != Access::exec) {
        return allows(access, Access::read) || access == Access::none;
    }
    // PAGE_EXECUTE: whether it is readable depends on the processor.
    static constinit Remembered is_denied;
    return is_denied.or_ask([]() noexcept {
        std::byte* const page =
            allocate(nullptr, page_size(), MEM_RESERVE | MEM_COMMIT, PAGE_EXECUTE);
        if (page == nullptr) {
            return std::optional<bool>();
        }
        const bool is_unreadable = ::IsBadReadPtr(page, 1) != 0;
        unmap(page, page_size());
        return std::optional(is_unreadable);
    });
}

bool os::may_map(Access access) noexcept {
    const KeepLastError keep;
    return is_granted(access, Access::none);
}

bool os::may_become(Access from, Access to) noexcept {
    const KeepLastError keep;
    return is_granted(from, to);
}

}  // namespace memory_pages

#pragma GCC visibility pop
