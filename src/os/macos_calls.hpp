// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// What the files of macOS share. Sources, where a comment names them: Apple's manual pages
/// (section in parentheses) and xnu, the kernel (apple-oss-distributions/xnu, version 11417).

#include "os.hpp"
#include "posix.hpp"

#include <sys/mman.h>

#include <cerrno>

#pragma GCC visibility push(hidden)

namespace memory_pages::os {

[[nodiscard]] inline std::unexpected<std::error_code> refused() noexcept {
    return std::unexpected(std::error_code(errno, std::generic_category()));
}

[[nodiscard]] inline Result<void> done_or_refused(int result) noexcept {
    if (result != 0) {
        return refused();
    }
    return {};
}

/// mmap(2): pages that are to be writable and executable at once want MAP_JIT, from the first.
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

[[nodiscard]] inline int madvise_again(std::byte* base, std::size_t bytes, int advice) noexcept {
    int result = 0;
    do {
        result = ::madvise(base, bytes, advice);
    } while (result != 0 && errno == EAGAIN);
    return result;
}

}  // namespace memory_pages::os

#pragma GCC visibility pop
