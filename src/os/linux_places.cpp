// SPDX-License-Identifier: MIT
#include "linux_places.hpp"

#include "linux_limits.hpp"
#include "linux_refusals.hpp"
#include "os.hpp"
#include "posix.hpp"

#include <sys/mman.h>

#include <cerrno>
#include <cstdint>

#pragma GCC visibility push(hidden)

namespace memory_pages {

// A larger piece without access, so that what is too much of it is neither charged nor locked,
// trimmed at both ends.
std::byte* os::mmap_and_trim(std::size_t bytes, std::size_t alignment, int protection,
                             int flags) noexcept {
    const std::size_t slack = alignment - page_size();
    if (bytes > PTRDIFF_MAX - slack) {
        errno = ENOMEM;
        return nullptr;
    }
    std::byte* piece = mmap_anywhere(bytes + slack, PROT_NONE, flags);
    if (piece == nullptr) {
        return nullptr;
    }
    std::size_t left = bytes + slack;
    const std::size_t head = -reinterpret_cast<std::uintptr_t>(piece) % alignment;
    bool done = true;
    if (head != 0) {
        done = ::munmap(piece, head) == 0;
        piece += done ? head : 0;
        left -= done ? head : 0;
    }
    if (done && left != bytes) {
        done = ::munmap(piece + bytes, left - bytes) == 0;
        left = done ? bytes : left;
    }
    if (done && (protection == PROT_NONE || ::mprotect(piece, bytes, protection) == 0)) {
        return piece;
    }
    // At the limit on mappings: a trimmed neighbour may have become one mapping with this.
    const int error = errno;
    (void)::munmap(piece, left);
    errno = error;
    return nullptr;
}

// mmap(2): kernels before 4.17 take MAP_FIXED_NOREPLACE for a hint, and so do emulators.
Result<std::byte*> os::reserve_at(std::byte* where, std::size_t bytes) noexcept {
    const KeepErrno keep;
    void* const base =
        ::mmap(where, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    if (base == where) {
        return where;
    }
    if (base != MAP_FAILED) {
        (void)::munmap(base, bytes);
        errno = EEXIST;
    }
    // EPERM: below vm.mmap_min_addr.
    if (errno == EEXIST || errno == EPERM || errno == EINVAL) {
        return std::unexpected(std::make_error_code(std::errc::address_in_use));
    }
    return refused({.address_space = bytes});
}

}  // namespace memory_pages

#pragma GCC visibility pop
