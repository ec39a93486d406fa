// SPDX-License-Identifier: MIT
// Many ranges in one call: process_madvise(2) of this process, which takes every advice since Linux
// 6.13, and needs no descriptor since 6.14. It looks up and flushes once for all.
#include "linux_advice.hpp"
#include "os.hpp"
#include "posix.hpp"
#include "shared.hpp"

#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <cstddef>

#pragma GCC visibility push(hidden)

namespace memory_pages {
namespace {

using os::KeepErrno;
using os::one_by_one;
using os::Range;

constexpr int own_process = -10'000;  // PIDFD_SELF, newer than the C library's headers.

// The kernel reads ranges as they are.
static_assert(sizeof(Range) == sizeof(iovec));
static_assert(offsetof(Range, base) == offsetof(iovec, iov_base));
static_assert(offsetof(Range, bytes) == offsetof(iovec, iov_len));

/// Or one after the other from where on the kernel, or a filter before it, does not take them:
/// locked pages want a call of their own.
template <class Verb>
Result<void> all_at_once(std::span<const Range> ranges, int advice, Verb one) noexcept {
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
        if (done == 0) {  // Refused, or more than the 2 GiB that it takes at once.
            break;
        }
        ranges = ranges.subspan(done);
    }
    return one_by_one(ranges, one);
}

}  // namespace

Result<void> os::decommit_all(std::span<const Range> ranges) noexcept {
    return all_at_once(ranges, MADV_DONTNEED, decommit);
}

Result<void> os::discard_all(std::span<const Range> ranges) noexcept {
    return all_at_once(ranges, MADV_FREE, discard);
}

Result<void> os::advise_all(std::span<const Range> ranges, Advice advice) noexcept {
    return all_at_once(ranges, native(advice),
                       [advice](std::byte* base, std::size_t bytes) noexcept {
                           return advise(base, bytes, advice);
                       });
}

}  // namespace memory_pages

#pragma GCC visibility pop
