// SPDX-License-Identifier: MIT
// Facts about the calls are from Microsoft's reference of the memory management functions.
#include "clear.hpp"
#include "os.hpp"
#include "shared.hpp"
#include "windows_aligned.hpp"
#include "windows_api.hpp"
#include "windows_calls.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#pragma GCC visibility push(hidden)

namespace memory_pages {
namespace {

using detail::Access;
using os::KeepLastError;
using os::refused;

/// Windows knows no pages that can be written and not read: reading comes with writing.
DWORD native(Access access) noexcept {
    constexpr std::array<DWORD, 8> protections = {
        PAGE_NOACCESS,           // none
        PAGE_READONLY,           // read
        PAGE_READWRITE,          // write
        PAGE_READWRITE,          // read_write
        PAGE_EXECUTE,            // exec
        PAGE_EXECUTE_READ,       // read_exec
        PAGE_EXECUTE_READWRITE,  // write_exec
        PAGE_EXECUTE_READWRITE,  // read_write_exec
    };
    return protections[static_cast<std::size_t>(access)];
}

const SYSTEM_INFO& system_info() noexcept {
    static const SYSTEM_INFO info = []() noexcept {
        SYSTEM_INFO value;
        ::GetSystemInfo(&value);
        return value;
    }();
    return info;
}

std::byte* allocate(void* where, std::size_t bytes, DWORD type, DWORD protection) noexcept {
    return static_cast<std::byte*>(::VirtualAlloc(where, bytes, type, protection));
}

/// The pages from `base` on that are in the same state.
MEMORY_BASIC_INFORMATION query(std::byte* base) noexcept {
    MEMORY_BASIC_INFORMATION region{};
    (void)::VirtualQuery(base, &region, sizeof region);
    return region;
}

/// Commits pages. While the page file grows this may be refused, and be granted a moment later, so
/// such a refusal is final only after a quarter of a second.
Result<void> commit_patiently(std::byte* base, std::size_t bytes, DWORD protection) noexcept {
    constexpr DWORD longest_pause = 128;  // Milliseconds: 1, 2, 4, ...
    for (DWORD pause = 1;; pause *= 2) {
        if (allocate(base, bytes, MEM_COMMIT, protection) != nullptr) {
            return {};
        }
        const DWORD error = ::GetLastError();
        if (!os::may_pass(error) || pause > longest_pause) {
            return refused(error);
        }
        ::Sleep(pause);
    }
}

/// Takes the memory away from pages in use and puts other memory there, which reads zero. If that
/// is refused, a part of them stays out of reach, and the caller's, until a call of this succeeds.
Result<void> recommit(std::byte* base, std::size_t bytes) noexcept {
    std::byte* const end = base + bytes;
    while (base != end) {
        const MEMORY_BASIC_INFORMATION region = query(base);
        const std::size_t count = std::min(region.RegionSize, static_cast<std::size_t>(end - base));
        const bool is_out_of_reach = region.State != MEM_COMMIT;
        if (!is_out_of_reach && !::VirtualFree(base, count, MEM_DECOMMIT)) {
            return refused(::GetLastError());
        }
        if (Result<void> done =
                commit_patiently(base, count, is_out_of_reach ? PAGE_READWRITE : region.Protect);
            !done) {
            return done;
        }
        base += count;
    }
    return {};
}

/// Whether all of these pages in use are there.
bool is_in_reach(std::byte* base, std::size_t bytes) noexcept {
    const MEMORY_BASIC_INFORMATION region = query(base);
    return region.State == MEM_COMMIT && region.RegionSize >= bytes;
}

/// Whether a page may be mapped for one access and then be changed to the other.
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

/// After new code, and after its pages became executable.
Result<void> synchronize_threads(std::byte* base, std::size_t bytes) noexcept {
    if (!::FlushInstructionCache(::GetCurrentProcess(), base, bytes)) {
        return refused(::GetLastError());
    }
    // Every processor that runs this process is interrupted, and so fetches its code anew.
    ::FlushProcessWriteBuffers();
    return {};
}

}  // namespace

bool os::is_supported(Feature feature) noexcept {
    const KeepLastError keep;
    switch (feature) {
        case Feature::commit_charge:
        case Feature::publishing:
        case Feature::many_guards:
            return true;
        case Feature::uncharged_pages:
        case Feature::moving_pages:
        case Feature::collapsing:
            return false;
        case Feature::write_exec:
            return is_granted(Access::read_write_exec, Access::none);
        case Feature::becoming_write_exec:
            return is_granted(Access::read_write, Access::read_write_exec);
    }
    return false;
}

// -- sizes --------------------------------------------------------------------------------------

std::size_t os::page_size() noexcept { return system_info().dwPageSize; }

std::size_t os::allocation_granularity() noexcept { return system_info().dwAllocationGranularity; }

std::size_t os::huge_page_size() noexcept { return ::GetLargePageMinimum(); }

std::size_t os::transparent_huge_page_size() noexcept { return 0; }

// -- mappings -----------------------------------------------------------------------------------

Result<std::byte*> os::map(std::size_t bytes, std::size_t alignment, Access access,
                           Charge) noexcept {
    const KeepLastError keep;
    if (alignment <= allocation_granularity()) [[likely]] {
        if (std::byte* const base =
                allocate(nullptr, bytes, MEM_RESERVE | MEM_COMMIT, native(access))) [[likely]] {
            return base;
        }
    }
    // In two steps: which of them is refused tells what there is not enough of.
    const Result<std::byte*> base = reserve(bytes, alignment);
    if (!base) {
        return base;
    }
    if (const Result<void> done = commit(*base, bytes, access); !done) {
        release(*base, bytes);
        return std::unexpected(done.error());
    }
    return base;
}

void os::unmap(std::byte* base, std::size_t) noexcept {
    const KeepLastError keep;
    (void)::VirtualFree(base, 0, MEM_RELEASE);
}

void os::unmap_part(std::byte* base, std::size_t bytes, std::byte* whole, bool is_last) noexcept {
    if (is_last) {
        unmap(whole, 0);
    } else {
        (void)uncommit(base, bytes);
    }
}

Result<std::byte*> os::resize(std::byte* base, std::size_t old_bytes, std::size_t new_bytes,
                              std::size_t) noexcept {
    const KeepLastError keep;
    if (new_bytes < old_bytes) {
        // Windows releases whole allocations only, so the addresses stay until `unmap`.
        if (Result<void> done = uncommit(base + new_bytes, old_bytes - new_bytes); !done) {
            return std::unexpected(done.error());
        }
        return base;
    }
    const std::size_t added = new_bytes - old_bytes;
    const MEMORY_BASIC_INFORMATION behind = query(base + old_bytes);
    if (behind.State != MEM_RESERVE || behind.AllocationBase != base || behind.RegionSize < added) {
        return not_supported();
    }
    if (Result<void> done = commit_patiently(base + old_bytes, added, query(base).Protect); !done) {
        return std::unexpected(done.error());
    }
    return base;
}

// -- huge pages ---------------------------------------------------------------------------------

bool os::is_supported(HugePages policy) noexcept {
    if (policy != HugePages::require) {
        return policy != HugePages::prefer;
    }
    const KeepLastError keep;
    const Result<std::byte*> page = map_huge(huge_page_size(), 1, Access::read_write);
    if (page) {
        unmap(*page, huge_page_size());
    }
    return page.has_value();
}

// Large pages are reserved and committed in one call, and are at multiples of their size.
Result<std::byte*> os::map_huge(std::size_t bytes, std::size_t alignment, Access access) noexcept {
    const KeepLastError keep;
    if (huge_page_size() == 0 || alignment > huge_page_size()) {
        return not_supported();
    }
    std::byte* const base =
        allocate(nullptr, bytes, MEM_RESERVE | MEM_COMMIT | MEM_LARGE_PAGES, native(access));
    if (base == nullptr) {
        return std::unexpected(refusal_of_large_pages(::GetLastError()));
    }
    return base;
}

void os::set_huge_pages(std::byte*, std::size_t, HugePages) noexcept {}

Result<void> os::collapse(std::byte*, std::size_t) noexcept { return not_supported(); }

// -- pages in use -------------------------------------------------------------------------------

Result<void> os::protect(std::byte* base, std::size_t bytes, Access access) noexcept {
    const KeepLastError keep;
    DWORD before = 0;
    return done_or_refused(::VirtualProtect(base, bytes, native(access), &before) != 0);
}

Result<void> os::make_executable(std::byte* base, std::size_t bytes, Access, Access to) noexcept {
    const KeepLastError keep;
    if (Result<void> done = protect(base, bytes, to); !done) {
        return done;
    }
    return synchronize_threads(base, bytes);
}

Result<void> os::publish(std::byte* base, std::size_t bytes) noexcept {
    const KeepLastError keep;
    return synchronize_threads(base, bytes);
}

void os::begin_writing() noexcept {}
void os::end_writing() noexcept {}

bool os::is_enforced(Access access) noexcept {
    const KeepLastError keep;
    if (access != Access::exec) {
        return allows(access, Access::read) || access == Access::none;
    }
    // PAGE_EXECUTE: the processor decides whether that can be read.
    static const bool is_denied = []() noexcept {
        std::byte* const page =
            allocate(nullptr, page_size(), MEM_RESERVE | MEM_COMMIT, PAGE_EXECUTE);
        const bool is_unreadable = page != nullptr && ::IsBadReadPtr(page, 1) != 0;
        unmap(page, page_size());
        return is_unreadable;
    }();
    return is_denied;
}

Result<void> os::decommit(std::byte* base, std::size_t bytes) noexcept {
    const KeepLastError keep;
    static auto* const discard_virtual_memory =  // Since Windows 8.1.
        os::look_up<decltype(::DiscardVirtualMemory)>("DiscardVirtualMemory");
    if (discard_virtual_memory != nullptr && discard_virtual_memory(base, bytes) == ERROR_SUCCESS) {
        return {};
    }
    return recommit(base, bytes);
}

// The memory stays where it is until something else needs it, and is not written to the page file.
Result<void> os::discard(std::byte* base, std::size_t bytes) noexcept {
    const KeepLastError keep;
    return done_or_refused(allocate(base, bytes, MEM_RESET, PAGE_NOACCESS) != nullptr);
}

Result<void> os::zero(std::byte* base, std::size_t bytes) noexcept {
    const KeepLastError keep;
    // Dropping and faulting few pages again costs more than clearing them.
    constexpr std::size_t few_pages = 16;
    if (bytes > few_pages * page_size()) {
        // Large pages can not be taken away.
        if (Result<void> done = recommit(base, bytes); done || !is_in_reach(base, bytes)) {
            return done;
        }
    }
    std::memset(base, 0, bytes);
    return {};
}

void os::clear(std::byte* base, std::size_t bytes) noexcept { write_zeros(base, bytes); }

Result<void> os::populate(std::byte* base, std::size_t bytes, Access access) noexcept {
    touch(base, bytes, access);
    return {};
}

Result<void> os::decommit_all(std::span<const Range> ranges) noexcept {
    return one_by_one(ranges, decommit);
}

Result<void> os::discard_all(std::span<const Range> ranges) noexcept {
    return one_by_one(ranges, discard);
}

// -- reservations -------------------------------------------------------------------------------

Result<std::byte*> os::reserve(std::size_t bytes, std::size_t alignment) noexcept {
    const KeepLastError keep;
    std::byte* const base = alignment <= allocation_granularity()
                                ? allocate(nullptr, bytes, MEM_RESERVE, PAGE_NOACCESS)
                                : reserve_aligned(bytes, alignment);
    if (base == nullptr) {
        // Whatever Windows calls it: the only thing missing can be room.
        return std::unexpected(std::make_error_code(std::errc::not_enough_memory));
    }
    return base;
}

void os::release(std::byte* base, std::size_t bytes) noexcept { unmap(base, bytes); }

Result<void> os::commit(std::byte* base, std::size_t bytes, Access access) noexcept {
    const KeepLastError keep;
    return commit_patiently(base, bytes, native(access));
}

Result<void> os::uncommit(std::byte* base, std::size_t bytes) noexcept {
    const KeepLastError keep;
    return done_or_refused(::VirtualFree(base, bytes, MEM_DECOMMIT) != 0);
}

Result<void> os::move(std::byte*, std::size_t, std::byte*) noexcept { return not_supported(); }

}  // namespace memory_pages

#pragma GCC visibility pop
