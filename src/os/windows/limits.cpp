// SPDX-License-Identifier: MIT
// Sources: Microsoft's reference of GetPerformanceInfo and VirtualLock.
#include "os/limits.hpp"
#include "os/huge.hpp"
#include "os/memory.hpp"
#include "os/windows/api.hpp"
#include "os/windows/calls.hpp"

#include <psapi.h>

#pragma GCC visibility push(hidden)

namespace memory_pages {
namespace {

Limit committed() noexcept {
    PERFORMANCE_INFORMATION info{};
    if (!::GetPerformanceInfo(&info, sizeof info)) {
        return {.is_known = false};
    }
    return {.used = info.CommitTotal * info.PageSize, .most = info.CommitLimit * info.PageSize};
}

Limit locked() noexcept {
    SIZE_T least = 0;
    SIZE_T most = 0;
    if (!::GetProcessWorkingSetSize(::GetCurrentProcess(), &least, &most)) {
        return {.is_known = false};
    }
    return {.used = {}, .most = least};
}

}  // namespace

/// Job objects limit committed memory, not reservations.
std::optional<std::size_t> os::address_space_limit() noexcept { return std::nullopt; }

MemoryLimits os::memory_limits() noexcept {
    const KeepLastError keep;
    return {
        .page_size = page_size(),
        .allocation_granularity = allocation_granularity(),
        .huge_page_sizes = {huge_page_size()},
        .overcommit = Overcommit::never,
        .committed = committed(),
        .locked = locked(),
    };
}

bool os::has_commit_limit() noexcept { return true; }

bool os::can_map_uncharged() noexcept { return false; }

}  // namespace memory_pages

#pragma GCC visibility pop
