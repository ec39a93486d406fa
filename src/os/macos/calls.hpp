// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Shared by the files of macOS. Comments cite Apple's manual pages (with the section in
/// parentheses) and xnu, the kernel (apple-oss-distributions/xnu, version 11417).

#include "os/posix/calls.hpp"
#include "os/types.hpp"

#include <sys/mman.h>

#include <cerrno>

#pragma GCC visibility push(hidden)

namespace memory_pages::os {

[[nodiscard]] inline std::unexpected<Error> refused() noexcept {
    return std::unexpected(Error{errno});
}

[[nodiscard]] inline Result<void> done_or_refused(int result) noexcept {
    if (result != 0) {
        return refused();
    }
    return {};
}

/// mmap(2): pages that will be writable and executable at once need MAP_JIT when they are mapped.
[[nodiscard]] inline bool is_jit(Access access) noexcept {
    return allows(access, Access::write_exec);
}

/// Anonymous pages, without a tag.
[[nodiscard]] inline std::byte* mmap_at(void* where, std::size_t bytes, int protection,
                                        int flags) noexcept {
    void* const base =
        ::mmap(where, bytes, protection, MAP_PRIVATE | MAP_ANON | flags, /*tag=*/-1, 0);
    return base == MAP_FAILED ? nullptr : static_cast<std::byte*>(base);
}

/// Maps new pages over our own, in one step: the old contents are gone on return, and the pages
/// read zero. A refusal leaves the old pages (xnu, mmap). Not for pages with MAP_JIT, which cannot
/// be replaced by pages with MAP_JIT.
[[nodiscard]] inline bool mmap_anew(std::byte* base, std::size_t bytes, int protection) noexcept {
    return mmap_at(base, bytes, protection, MAP_FIXED) != nullptr;
}

[[nodiscard]] inline int madvise_again(std::byte* base, std::size_t bytes, int advice) noexcept {
    int result = 0;
    do {
        result = ::madvise(base, bytes, advice);
    } while (result != 0 && errno == EAGAIN);
    return result;
}

}  // namespace memory_pages::os

#pragma GCC visibility pop
