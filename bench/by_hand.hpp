// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Memory without the library: the baseline of comparisons, and the setup for tests of limits.

#include "support/system_calls.hpp"

#include <cstddef>
#include <cstdint>

namespace by_hand {

using system_calls::allow;
using system_calls::map;
using system_calls::unmap;

inline constexpr std::size_t page = 4096;
inline constexpr std::size_t huge_page = std::size_t{2} << 20;

/// Pages at a multiple of the huge page size, advised to be huge. The `bytes` of `unmap` must be
/// rounded up by `whole_huge_pages`.
[[nodiscard]] void* map_huge(std::size_t bytes);
[[nodiscard]] constexpr std::size_t whole_huge_pages(std::size_t bytes) {
    return (bytes + huge_page - 1) / huge_page * huge_page;
}

/// Reserves address space. Pages made usable with `allow` are charged as usual.
[[nodiscard]] void* reserve(std::size_t bytes);
/// Makes such pages reserved again.
[[nodiscard]] bool retire(void* base, std::size_t bytes);

/// Gives the memory of pages back.
void drop(void* base, std::size_t bytes);

/// Writes a byte in each page of 4 KiB.
void touch(void* base, std::size_t bytes);

/// Writes every byte.
void fill(void* base, std::size_t bytes);

/// Touches this much memory, and releases it.
void warm(std::size_t bytes);

/// Resident huge pages that are never unmapped, for tests of limits.
[[nodiscard]] void* resident(std::size_t bytes);

/// Resets the peak of resident memory; the peak since then.
void reset_peak();
[[nodiscard]] std::size_t peak();

/// The bytes resident now: a fast reading, not exact to the page.
[[nodiscard]] std::size_t resident_now();

}  // namespace by_hand
