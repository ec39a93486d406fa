// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// The sizes that the running system works with, and rounding to them. All are powers of two.

#include <cstddef>
#include <optional>

namespace memory_pages {

/// Bytes in a page: 4, 16 or 64 KiB, known only at run time. The unit of every permission and of
/// every byte given back.
[[nodiscard]] std::size_t page_size() noexcept;

/// Bytes that the start of a fresh mapping is aligned to. Windows: 64 KiB; elsewhere a page.
[[nodiscard]] std::size_t allocation_granularity() noexcept;

/// Bytes in a huge page, 0 where the system has none. Linux: `transparent_hugepage/hpage_pmd_size`;
/// 2 MiB with 4 KiB pages. Windows: `GetLargePageMinimum`.
[[nodiscard]] std::size_t huge_page_size() noexcept;

/// `bytes` rounded down to whole pages.
[[nodiscard]] std::size_t round_down_to_pages(std::size_t bytes) noexcept;

/// `bytes` rounded up to whole pages; nothing where that overflows.
[[nodiscard]] std::optional<std::size_t> round_up_to_pages(std::size_t bytes) noexcept;

}  // namespace memory_pages
