// SPDX-License-Identifier: MIT
// getrlimit(2). macOS does not report the amounts in use.
#include "os/limits.hpp"
#include "os/memory.hpp"
#include "os/posix/calls.hpp"
#include "os/posix/resource_limits.hpp"

#pragma GCC visibility push(hidden)

namespace memory_pages {

std::optional<std::size_t> os::address_space_limit() noexcept {
    const KeepErrno keep;
    return resource_limit(RLIMIT_AS);
}

MemoryLimits os::memory_limits() noexcept {
    const KeepErrno keep;
    return {
        .page_size = page_size(),
        .allocation_granularity = allocation_granularity(),
        .overcommit = Overcommit::always,
        .locked = limit_of(RLIMIT_MEMLOCK, std::nullopt),
        .address_space = limit_of(RLIMIT_AS, std::nullopt),
        .data = limit_of(RLIMIT_DATA, std::nullopt),
    };
}

bool os::has_commit_limit() noexcept { return false; }

bool os::can_map_uncharged() noexcept { return true; }

}  // namespace memory_pages

#pragma GCC visibility pop
