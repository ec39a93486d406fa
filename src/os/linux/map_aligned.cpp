// SPDX-License-Identifier: MIT
#include "os/linux/map_aligned.hpp"

#include "os/linux/errors.hpp"
#include "os/memory.hpp"
#include "os/posix/calls.hpp"

#include <sys/mman.h>

#include <cerrno>
#include <cstdint>

#pragma GCC visibility push(hidden)

namespace memory_pages {

// Maps a larger piece without access, so that the excess is neither charged nor locked, and trims
// both ends.
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
    // The limit on mappings: a neighbour of the trimmed end may have been merged with this.
    const int error = errno;
    (void)::munmap(piece, left);
    errno = error;
    return nullptr;
}

}  // namespace memory_pages

#pragma GCC visibility pop
