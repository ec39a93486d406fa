// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// The contents of pages in use: giving them up, clearing, copying, and making pages resident.

#include "os/types.hpp"

#include <cstddef>
#include <span>

#pragma GCC visibility push(hidden)

namespace memory_pages::os {

/// Resident size falls before the return; pages stay accessible; contents are indeterminate. If
/// memory can only be decommitted and committed again (Windows, here and in `zero`), a refusal
/// leaves a part of the range inaccessible, and owned, until `decommit` of it succeeds. Executable
/// pages never become inaccessible.
[[nodiscard]] Result<void> decommit(std::byte* base, std::size_t bytes) noexcept;

/// The system may reclaim the pages from now on; they stay accessible; contents are indeterminate.
[[nodiscard]] Result<void> discard(std::byte* base, std::size_t bytes) noexcept;

/// Writable pages read zero on return. Up to 16 pages stay resident; the memory of more is given
/// back if the system allows it (docs/decisions/0014-zero-frees-large-memory.md).
[[nodiscard]] Result<void> zero(std::byte* base, std::size_t bytes) noexcept;

/// Writable, resident pages read zero on return, and stay resident.
void clear(std::byte* base, std::size_t bytes) noexcept;

/// Pages that may be read or written become resident; contents are kept.
[[nodiscard]] Result<void> populate(std::byte* base, std::size_t bytes, Access access) noexcept;

/// Copies readable pages to writable pages that read zero. Pages that were never written do not
/// become resident in the target, nor in the source if the system can tell which these are.
void copy(std::byte* to, const std::byte* from, std::size_t bytes) noexcept;

/// `decommit` and `discard` for many ranges, in as few system calls as possible. On failure some
/// may be done.
[[nodiscard]] Result<void> decommit_all(std::span<const Range> ranges) noexcept;
[[nodiscard]] Result<void> discard_all(std::span<const Range> ranges) noexcept;

}  // namespace memory_pages::os

#pragma GCC visibility pop
