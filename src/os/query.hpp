// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Queries of any addresses, in whole pages.

#include "os/types.hpp"

#include <memory_pages/region.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace memory_pages::detail {
class Walk;
}

#pragma GCC visibility push(hidden)

namespace memory_pages::os {

/// A run of pages that is not free.
struct RegionInfo {
    std::uintptr_t first;
    std::size_t bytes;  ///< 0: there is no region.
    Access access;
    RegionKind kind;
    std::string_view name;  ///< Valid until the walk goes on.
};

/// Starts a walk over the address space in ascending order. `not_enough_memory`, or the system's
/// error.
[[nodiscard]] Result<detail::Walk*> start_walk() noexcept;

/// The first region that ends behind `address`, which is not below the `address` of the last call.
/// On failure the walk stays where it was.
[[nodiscard]] Result<RegionInfo> region_from(detail::Walk& walk, std::uintptr_t address) noexcept;

void end_walk(detail::Walk* walk) noexcept;

/// The same for one address without a heap. The name is in the buffer, cut to what fits.
[[nodiscard]] Result<RegionInfo> region_at(std::uintptr_t address, std::span<char> name) noexcept;

/// Moves a text to the front of a buffer, which may hold it, and cuts it to what fits.
[[nodiscard]] inline std::string_view moved_into(std::span<char> buffer,
                                                 std::string_view text) noexcept {
    const std::size_t size = std::min(buffer.size(), text.size());
    if (size != 0) {
        std::memmove(buffer.data(), text.data(), size);
    }
    return {buffer.data(), size};
}

/// The resident bytes, and for each page whether it is resident. Unmapped pages are not.
[[nodiscard]] Result<std::size_t> resident_bytes(const std::byte* base, std::size_t bytes) noexcept;
[[nodiscard]] Result<void> resident_pages(const std::byte* base, std::span<bool> pages) noexcept;

}  // namespace memory_pages::os

#pragma GCC visibility pop
