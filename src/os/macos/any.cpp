// SPDX-License-Identifier: MIT
// calls.hpp lists the sources.
#include "os/any.hpp"
#include "os/contents.hpp"
#include "os/macos/calls.hpp"
#include "os/macos/code.hpp"
#include "os/macos/regions.hpp"
#include "os/memory.hpp"
#include "os/posix/calls.hpp"
#include "os/reserve.hpp"
#include "os/shared.hpp"

#include <sys/mman.h>

#include <cstring>

#pragma GCC visibility push(hidden)

namespace memory_pages {
namespace {

/// Whether other pages may replace these. Not if they are locked: the others would not be.
bool are_private_and_anonymous(const std::byte* base, std::size_t bytes) noexcept {
    return os::all_entries(
        base, bytes, [](const vm_region_submap_short_info_data_64_t& info) noexcept {
            const RegionKind kind = os::kind_of(info);
            return (kind == RegionKind::anonymous || kind == RegionKind::reserved) &&
                   info.user_wired_count == 0;
        });
}

}  // namespace

os::Result<void> os::unmap_any(std::byte* base, std::size_t bytes) noexcept {
    const KeepErrno keep;
    return done_or_refused(::munmap(base, bytes));
}

os::Result<std::byte*> os::resize_any(std::byte* base, std::size_t old_bytes, std::size_t new_bytes,
                                      bool /*may_move*/) noexcept {
    if (new_bytes > old_bytes) {
        return not_supported();
    }
    if (new_bytes < old_bytes) {
        if (os::Result<void> done = unmap_any(base + new_bytes, old_bytes - new_bytes); !done) {
            return std::unexpected(done.error());
        }
    }
    return base;
}

os::Result<void> os::commit_any(std::byte* base, std::size_t bytes, Access access) noexcept {
    return protect(base, bytes, access);
}

os::Result<void> os::uncommit_any(std::byte* base, std::size_t bytes) noexcept {
    return uncommit(base, bytes);
}

// madvise(2): MADV_DONTNEED keeps every byte, and lets the system take the pages first.
os::Result<void> os::decommit_any(std::byte* base, std::size_t bytes) noexcept {
    const KeepErrno keep;
    return are_private_and_anonymous(base, bytes)
               ? decommit(base, bytes)
               : done_or_refused(madvise_again(base, bytes, MADV_DONTNEED));
}

os::Result<void> os::discard_any(std::byte* base, std::size_t bytes) noexcept {
    const KeepErrno keep;
    return are_private_and_anonymous(base, bytes) ? discard(base, bytes) : os::Result<void>();
}

os::Result<void> os::zero_any(std::byte* base, std::size_t bytes) noexcept {
    const KeepErrno keep;
    if (!are_few(bytes) && are_private_and_anonymous(base, bytes)) {
        return zero(base, bytes);
    }
    const Writing writing;
    std::memset(base, 0, bytes);
    return {};
}

}  // namespace memory_pages

#pragma GCC visibility pop
