// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Many ranges in one call: process_madvise(2) on this process, which takes all advice since Linux
/// 6.13, and needs no file descriptor since 6.14. The kernel flushes once for all ranges.

#include "os/posix/calls.hpp"
#include "os/shared.hpp"
#include "os/types.hpp"

#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <cstddef>
#include <span>

#pragma GCC visibility push(hidden)

namespace memory_pages::os {

inline constexpr int own_process = -10'000;  // PIDFD_SELF, newer than the C library's headers.

// The kernel reads `Range` as `iovec`.
static_assert(sizeof(Range) == sizeof(iovec));
static_assert(offsetof(Range, base) == offsetof(iovec, iov_base));
static_assert(offsetof(Range, bytes) == offsetof(iovec, iov_len));

/// Passes the rest to `one`, range by range, if the kernel or a seccomp filter refuses a call:
/// locked pages need another advice.
template <class Verb>
[[nodiscard]] Result<void> all_at_once(std::span<const Range> ranges, int advice,
                                       Verb one) noexcept {
    const KeepErrno keep;
    while (ranges.size() > 1) {
        const std::span<const Range> some =
            ranges.first(std::min<std::size_t>(ranges.size(), IOV_MAX));
        const long answer =
            ::syscall(SYS_process_madvise, own_process, some.data(), some.size(), advice, 0);
        auto bytes = static_cast<std::size_t>(std::max(answer, 0L));
        std::size_t done = 0;
        for (; done != some.size() && bytes >= some[done].bytes; ++done) {
            bytes -= some[done].bytes;
        }
        if (done == 0) {  // Refused, or more than the 2 GiB of one call.
            break;
        }
        ranges = ranges.subspan(done);
    }
    return one_by_one(ranges, one);
}

}  // namespace memory_pages::os

#pragma GCC visibility pop
