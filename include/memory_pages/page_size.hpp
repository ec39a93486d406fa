// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// The page sizes of the running system, and rounding to pages. All sizes are powers of two.

#include <cstddef>
#include <optional>

namespace memory_pages {

/// Bytes in a page: 4, 16 or 64 KiB, known only at run time. The unit of permissions and of giving
/// memory back.
[[nodiscard]] std::size_t page_size() noexcept;

/// Alignment of a new mapping's first byte, in bytes. Windows: 64 KiB; elsewhere a page.
[[nodiscard]] std::size_t allocation_granularity() noexcept;

/// Bytes in a huge page; 0 if the system has none. Linux: `transparent_hugepage/hpage_pmd_size`, 2
/// MiB with 4 KiB pages. Windows: `GetLargePageMinimum`.
[[nodiscard]] std::size_t huge_page_size() noexcept;

/// `bytes` rounded down to whole pages.
[[nodiscard]] std::size_t round_down_to_pages(std::size_t bytes) noexcept;

/// `bytes` rounded up to whole pages; `std::nullopt` on overflow.
[[nodiscard]] std::optional<std::size_t> round_up_to_pages(std::size_t bytes) noexcept;

}  // namespace memory_pages
