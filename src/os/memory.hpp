// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Mappings: mapping, unmapping, resizing and splitting pages, and their permissions.

#include "os/types.hpp"

#include <cstddef>
#include <span>

#pragma GCC visibility push(hidden)

namespace memory_pages::os {

[[nodiscard]] std::size_t page_size() noexcept;
[[nodiscard]] std::size_t allocation_granularity() noexcept;

/// Maps pages that read zero, with this access, at a multiple of `alignment`.
[[nodiscard]] Result<std::byte*> map(std::size_t bytes, std::size_t alignment, Access access,
                                     Charge charge) noexcept;

/// Unmaps a whole mapping. If the system refuses, the addresses stay mapped without memory behind
/// them: the caller cannot handle an error.
void unmap(std::byte* base, std::size_t bytes) noexcept;

/// Called before a mapping, or a part of one, that begins at `base` is split in two. A system that
/// only unmaps whole mappings counts the parts. `not_enough_memory`: no memory for the count.
[[nodiscard]] Result<void> note_split(std::byte* base, bool is_part) noexcept;

/// Called after two parts were joined into one that begins at `base`: a part, or the whole.
void note_join(std::byte* base, bool is_part) noexcept;

/// Unmaps a part of a mapping. A system that only unmaps whole mappings keeps the addresses until
/// the last part has ended, without memory behind them.
void unmap_part(std::byte* base, std::size_t bytes) noexcept;

/// Changes the size of a mapping; contents, access and charge are kept, and new bytes read zero.
/// Returns the new address, a multiple of `alignment`. `operation_not_supported`: not possible
/// without copying. On any failure the mapping is unchanged.
[[nodiscard]] Result<std::byte*> resize(std::byte* base, std::size_t old_bytes,
                                        std::size_t new_bytes, std::size_t alignment) noexcept;

/// `unmap` of many mappings; joins neighbours if the system can. Reorders `mappings`.
void unmap_all(std::span<Range> mappings) noexcept;

/// Contents are kept. On failure part of the range may have changed.
[[nodiscard]] Result<void> protect(std::byte* base, std::size_t bytes, Access access) noexcept;

/// Whether the processor enforces what `access` denies.
[[nodiscard]] bool is_enforced(Access access) noexcept;

/// Whether a page may be mapped with this access now.
[[nodiscard]] bool may_map(Access access) noexcept;

/// Whether a page mapped with `from` may become one with `to` now.
[[nodiscard]] bool may_become(Access from, Access to) noexcept;

}  // namespace memory_pages::os

#pragma GCC visibility pop
