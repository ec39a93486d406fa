// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Verbs for any whole pages of the process, also pages that were not mapped here: static arrays,
/// views of files, memory of other libraries. They lie in mappings of any number and kind, and no
/// living owner has them. `protect`, `advise`, `populate`, `publish` and the verbs on huge pages
/// take such pages too.

#include "os/types.hpp"

#include <cstddef>

#pragma GCC visibility push(hidden)

namespace memory_pages::os {

/// Unmaps pages, mapped or reserved. A refusal changes nothing. `operation_not_supported`: the
/// system only unmaps whole mappings.
[[nodiscard]] Result<void> unmap_any(std::byte* base, std::size_t bytes) noexcept;

/// Changes the size of pages of one mapping, in place unless they `may_move`. Bytes and access are
/// kept; new bytes of anonymous pages read zero. A refusal changes nothing.
/// `operation_not_supported`: not possible without copying.
[[nodiscard]] Result<std::byte*> resize_any(std::byte* base, std::size_t old_bytes,
                                            std::size_t new_bytes, bool may_move) noexcept;

/// `commit` of pages of a reservation some of which are committed: those keep their bytes. All get
/// this access. A refusal loses no byte; a part may be committed, or have changed its access.
[[nodiscard]] Result<void> commit_any(std::byte* base, std::size_t bytes, Access access) noexcept;

/// `uncommit` of pages of a reservation, committed or not.
[[nodiscard]] Result<void> uncommit_any(std::byte* base, std::size_t bytes) noexcept;

/// `decommit`. Views stay views: of what others see too, only this process's part of the memory
/// goes.
[[nodiscard]] Result<void> decommit_any(std::byte* base, std::size_t bytes) noexcept;

/// `discard`; for pages that are not private and anonymous `decommit_any`, or nothing: the system
/// may always take those of a file.
[[nodiscard]] Result<void> discard_any(std::byte* base, std::size_t bytes) noexcept;

/// `zero`. Only memory of pages that are known to be private and anonymous is given back: dropping
/// pages of a file would bring the file's bytes back.
[[nodiscard]] Result<void> zero_any(std::byte* base, std::size_t bytes) noexcept;

}  // namespace memory_pages::os

#pragma GCC visibility pop
