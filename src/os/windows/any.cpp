// SPDX-License-Identifier: MIT
// Source: Microsoft's reference of the memory management functions.
#include "os/any.hpp"
#include "os/advice.hpp"
#include "os/contents.hpp"
#include "os/reserve.hpp"
#include "os/shared.hpp"
#include "os/windows/api.hpp"
#include "os/windows/calls.hpp"
#include "os/windows/virtual_memory.hpp"

#include <algorithm>
#include <cstddef>

#pragma GCC visibility push(hidden)

namespace memory_pages {
namespace {

using os::query;

/// The end of the allocation that begins at `base`.
std::byte* end_of_allocation(std::byte* base) noexcept {
    std::byte* end = base;
    for (MEMORY_BASIC_INFORMATION region = query(end); region.AllocationBase == base;
         region = query(end)) {
        end += region.RegionSize;
    }
    return end;
}

/// Calls `act` for each run of committed pages of one kind, up to the first failure.
template <class Act>
os::Result<void> for_each_run(std::byte* base, std::size_t bytes, Act act) noexcept {
    for (std::byte* const end = base + bytes; base != end;) {
        const MEMORY_BASIC_INFORMATION region = query(base);
        if (region.RegionSize == 0) {
            return os::refused(::GetLastError());
        }
        const std::size_t count = std::min(region.RegionSize, static_cast<std::size_t>(end - base));
        if (region.State == MEM_COMMIT) {
            if (os::Result<void> done = act(base, count, region.Type); !done) {
                return done;
            }
        }
        base += count;
    }
    return {};
}

}  // namespace

// VirtualFree and UnmapViewOfFile take whole allocations and views.
os::Result<void> os::unmap_any(std::byte* base, std::size_t bytes) noexcept {
    const KeepLastError keep;
    const MEMORY_BASIC_INFORMATION region = query(base);
    if (end_of_allocation(base) != base + bytes || region.Type == MEM_IMAGE) {
        return not_supported();
    }
    return done_or_refused(region.Type == MEM_MAPPED ? ::UnmapViewOfFile(base) != 0
                                                     : ::VirtualFree(base, 0, MEM_RELEASE) != 0);
}

os::Result<std::byte*> os::resize_any(std::byte* base, std::size_t old_bytes, std::size_t new_bytes,
                                      bool /*may_move*/) noexcept {
    return new_bytes == old_bytes ? os::Result<std::byte*>(base) : not_supported();
}

os::Result<void> os::commit_any(std::byte* base, std::size_t bytes, Access access) noexcept {
    const KeepLastError keep;
    return commit_patiently(base, bytes, native(access));
}

os::Result<void> os::uncommit_any(std::byte* base, std::size_t bytes) noexcept {
    return uncommit(base, bytes);
}

// Not DiscardVirtualMemory for sections: it may take the bytes of other processes too.
os::Result<void> os::decommit_any(std::byte* base, std::size_t bytes) noexcept {
    const KeepLastError keep;
    return for_each_run(base, bytes, [](std::byte* run, std::size_t size, DWORD type) noexcept {
        return type == MEM_PRIVATE ? decommit(run, size) : advise(run, size, Advice::page_out);
    });
}

// VirtualAlloc: MEM_RESET is refused for views of files.
os::Result<void> os::discard_any(std::byte* base, std::size_t bytes) noexcept {
    const KeepLastError keep;
    return for_each_run(base, bytes, [](std::byte* run, std::size_t size, DWORD type) noexcept {
        return type == MEM_PRIVATE ? discard(run, size) : os::Result<void>();
    });
}

os::Result<void> os::zero_any(std::byte* base, std::size_t bytes) noexcept {
    return zero(base, bytes);
}

}  // namespace memory_pages

#pragma GCC visibility pop
