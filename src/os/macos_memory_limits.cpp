// SPDX-License-Identifier: MIT
// getrlimit(2). What is used, macOS does not tell in these terms.
#include "os.hpp"
#include "posix.hpp"
#include "posix_limits.hpp"

#pragma GCC visibility push(hidden)

namespace memory_pages {

MemoryLimits os::memory_limits() noexcept {
    const KeepErrno keep;
    return {
        .page_size = page_size(),
        .allocation_granularity = allocation_granularity(),
        .overcommit = Overcommit::always,
        .locked = {.most = resource_limit(RLIMIT_MEMLOCK)},
        .address_space = {.most = resource_limit(RLIMIT_AS)},
        .data = {.most = resource_limit(RLIMIT_DATA)},
    };
}

}  // namespace memory_pages

#pragma GCC visibility pop
