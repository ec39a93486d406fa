// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Memory as whoever does without the library handles it: what is compared with, and where limits
/// are measured.

#include "support/system_calls.hpp"

#include <cstddef>
#include <cstdint>

namespace by_hand {

using system_calls::allow;
using system_calls::map;
using system_calls::unmap;

inline constexpr std::size_t page = 4096;
inline constexpr std::size_t huge_page = std::size_t{2} << 20;

/// Pages that start at a multiple of a huge page and are advised to be huge. `bytes` for `unmap`
/// must be rounded up by `whole_huge_pages`.
[[nodiscard]] void* map_huge(std::size_t bytes);
[[nodiscard]] constexpr std::size_t whole_huge_pages(std::size_t bytes) {
    return (bytes + huge_page - 1) / huge_page * huge_page;
}

/// Address space, in which pages that are `allow`ed are charged as others are.
[[nodiscard]] void* reserve(std::size_t bytes);
/// Makes such pages reserved ones again.
[[nodiscard]] bool retire(void* base, std::size_t bytes);

/// Gives the memory behind pages back.
void drop(void* base, std::size_t bytes);

/// Writes a byte in every page of 4 KiB.
void touch(void* base, std::size_t bytes);

/// Writes every byte.
void fill(void* base, std::size_t bytes);

/// Touches as much memory as that, and releases it.
void warm(std::size_t bytes);

/// Huge pages that are resident already, for as long as the process runs: where limits are.
[[nodiscard]] void* resident(std::size_t bytes);

/// Starts the peak of resident memory anew, and says where it has been since.
void reset_peak();
[[nodiscard]] std::size_t peak();

/// Bytes resident now, as fast as the system can say it and not to the page.
[[nodiscard]] std::size_t resident_now();

}  // namespace by_hand
