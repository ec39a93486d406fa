// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Mapping at an address that the kernel chooses.

#include <sys/mman.h>

#include <cstddef>

#pragma GCC visibility push(hidden)

namespace memory_pages::os {

/// Private anonymous pages at an address that the kernel chooses. Null: errno has the reason.
[[nodiscard]] inline std::byte* mmap_anywhere(std::size_t bytes, int protection,
                                              int flags) noexcept {
    void* const base =
        ::mmap(nullptr, bytes, protection, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
    return base == MAP_FAILED ? nullptr : static_cast<std::byte*>(base);
}

/// The same at a multiple of `alignment`, which is more than a page.
[[nodiscard]] std::byte* mmap_and_trim(std::size_t bytes, std::size_t alignment, int protection,
                                       int flags) noexcept;

}  // namespace memory_pages::os

#pragma GCC visibility pop
