// SPDX-License-Identifier: MIT
// Facts are from Microsoft's reference: GetPerformanceInfo, VirtualLock.
#include "os.hpp"
#include "windows_api.hpp"
#include "windows_calls.hpp"

#include <psapi.h>

#pragma GCC visibility push(hidden)

namespace memory_pages {
namespace {

Limit committed() noexcept {
    PERFORMANCE_INFORMATION info{};
    if (!::GetPerformanceInfo(&info, sizeof info)) {
        return {};
    }
    return {.used = info.CommitTotal * info.PageSize, .most = info.CommitLimit * info.PageSize};
}

Limit locked() noexcept {
    SIZE_T least = 0;
    SIZE_T most = 0;
    if (!::GetProcessWorkingSetSize(::GetCurrentProcess(), &least, &most)) {
        return {};
    }
    return {.used = {}, .most = least};
}

}  // namespace

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

}  // namespace memory_pages

#pragma GCC visibility pop
