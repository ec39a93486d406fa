// SPDX-License-Identifier: MIT
// `copy` is in resident.cpp, which reads which pages were never written.
#include "os/contents.hpp"
#include "cpu/clear.hpp"
#include "os/linux/batches.hpp"
#include "os/linux/errors.hpp"
#include "os/memory.hpp"
#include "os/posix/calls.hpp"
#include "os/shared.hpp"

#include <sys/mman.h>

#include <cerrno>
#include <cstring>

#pragma GCC visibility push(hidden)

// Newer than the C library headers of the oldest supported systems.
#ifndef MADV_POPULATE_READ
constexpr int MADV_POPULATE_READ = 22;
constexpr int MADV_POPULATE_WRITE = 23;
#endif
#ifndef MADV_DONTNEED_LOCKED
constexpr int MADV_DONTNEED_LOCKED = 24;
#endif

namespace memory_pages {

// Not posix_madvise(3): glibc ignores its POSIX_MADV_DONTNEED.
os::Result<void> os::decommit(std::byte* base, std::size_t bytes) noexcept {
    const KeepErrno keep;
    if (::madvise(base, bytes, MADV_DONTNEED) == 0) {
        return {};
    }
    // EINVAL: locked pages, which need MADV_DONTNEED_LOCKED (Linux 5.18).
    if (errno == EINVAL && ::madvise(base, bytes, MADV_DONTNEED_LOCKED) == 0) {
        return {};
    }
    return errno == EINVAL ? os::Result<void>(not_supported()) : os::Result<void>(refused());
}

os::Result<void> os::decommit_all(std::span<const Range> ranges) noexcept {
    return all_at_once(ranges, MADV_DONTNEED, decommit);
}

os::Result<void> os::discard(std::byte* base, std::size_t bytes) noexcept {
    const KeepErrno keep;
    if (::madvise(base, bytes, MADV_FREE) == 0) {
        return {};
    }
    return decommit(base, bytes);
}

os::Result<void> os::discard_all(std::span<const Range> ranges) noexcept {
    return all_at_once(ranges, MADV_FREE, discard);
}

os::Result<void> os::zero(std::byte* base, std::size_t bytes) noexcept {
    if (are_few(bytes) || !decommit(base, bytes)) {
        std::memset(base, 0, bytes);
    }
    return {};
}

void os::clear(std::byte* base, std::size_t bytes) noexcept { cpu::write_zeros(base, bytes); }

os::Result<void> os::populate(std::byte* base, std::size_t bytes, Access access) noexcept {
    const KeepErrno keep;
    const int how = allows(access, Access::write) ? MADV_POPULATE_WRITE : MADV_POPULATE_READ;
    if (::madvise(base, bytes, how) == 0) {
        return {};
    }
    // Before Linux 5.14. EINVAL also says that the pages deny the access; of no bytes it does not.
    if (is_unknown_call() && ::madvise(base, 0, how) != 0) {
        touch(base, bytes, access);
        return {};
    }
    return refused();
}

}  // namespace memory_pages

#pragma GCC visibility pop
