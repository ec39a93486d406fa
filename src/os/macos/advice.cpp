// SPDX-License-Identifier: MIT
// calls.hpp lists the sources.
#include "os/advice.hpp"
#include "os/macos/calls.hpp"
#include "os/posix/calls.hpp"
#include "os/shared.hpp"

#include <sys/mman.h>

#include <cerrno>

#pragma GCC visibility push(hidden)

namespace memory_pages {
namespace {

/// The advice for madvise(2); -1, which no kernel knows, if there is none. Release kernels do not
/// page out on advice (xnu, madvise: MADV_PAGEOUT).
int number_of(Advice advice) noexcept {
    switch (advice) {
        case Advice::normal:
            return MADV_NORMAL;
        case Advice::use_soon:
            return MADV_WILLNEED;
        case Advice::sequential:
            return MADV_SEQUENTIAL;
        case Advice::random:
            return MADV_RANDOM;
        case Advice::cold:  // Keeps every byte (xnu, vm_map_msync with VM_SYNC_DEACTIVATE).
            return MADV_DONTNEED;
        case Advice::page_out:
        case Advice::never_merge:
            break;
    }
    return -1;
}

}  // namespace

os::Result<void> os::advise(std::byte* base, std::size_t bytes, Advice advice) noexcept {
    const KeepErrno keep;
    if (!os::is_supported(advice)) {
        return {};
    }
    // EPERM: MADV_WILLNEED of pages without access (xnu, vm_map_willneed).
    if (madvise_again(base, bytes, number_of(advice)) == 0 || errno == EINVAL || errno == ENOTSUP ||
        errno == EPERM) {
        return {};
    }
    return refused();
}

bool os::is_supported(Advice advice) noexcept { return number_of(advice) != -1; }

os::Result<void> os::advise_all(std::span<const Range> ranges, Advice advice) noexcept {
    return one_by_one(ranges, [advice](std::byte* base, std::size_t bytes) noexcept {
        return advise(base, bytes, advice);
    });
}

}  // namespace memory_pages

#pragma GCC visibility pop
