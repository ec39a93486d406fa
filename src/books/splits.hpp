// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Which mappings were split, and into which parts. All of it may be called by many threads at
/// once.

#include <memory_pages/error.hpp>

#include <cstddef>

#pragma GCC visibility push(hidden)

namespace memory_pages::detail {

/// Splits pages at `base` into two parts, of which the second begins at `behind`. They are a whole
/// mapping of `bytes` bytes, or a part of one. `not_enough_memory`: there is none to note it.
[[nodiscard]] Result<void> split_pages(std::byte* base, std::size_t bytes, std::byte* behind,
                                       bool is_part) noexcept;

enum class Joined { no, to_a_part, to_the_whole };

/// Joins two neighbours, `bytes` bytes together, if both are parts of one mapping.
[[nodiscard]] Joined join_parts(std::byte* front, std::byte* behind, std::size_t bytes) noexcept;

/// Gives a part back to the system; with the last one, what is left of its mapping.
void unmap_part(std::byte* base, std::size_t bytes) noexcept;

}  // namespace memory_pages::detail

#pragma GCC visibility pop
