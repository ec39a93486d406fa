// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Where Linux puts mappings.

#include <cstddef>

#pragma GCC visibility push(hidden)

namespace memory_pages::os {

/// Private anonymous pages where the kernel likes. Null: errno says why not.
[[nodiscard]] std::byte* mmap_anywhere(std::size_t bytes, int protection, int flags) noexcept;

/// The same at a multiple of `alignment`, which is more than a page.
[[nodiscard]] std::byte* mmap_and_trim(std::size_t bytes, std::size_t alignment, int protection,
                                       int flags) noexcept;

}  // namespace memory_pages::os

#pragma GCC visibility pop
