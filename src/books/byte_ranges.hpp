// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Parts of pages, in bytes from their start, as every owner checks them.

#include <memory_pages/ranges.hpp>

#include <cstddef>
#include <cstdint>

namespace memory_pages::detail {

[[nodiscard]] inline std::byte* bytes_at(std::uint8_t* data, std::size_t offset) noexcept {
    return reinterpret_cast<std::byte*>(data) + offset;
}

[[nodiscard]] inline bool lies_within(ByteRange range, std::size_t size) noexcept {
    return range.offset <= size && range.bytes <= size - range.offset;
}

/// `unit` is a power of two.
[[nodiscard]] inline bool are_whole_units(ByteRange range, std::size_t unit) noexcept {
    return ((range.offset | range.bytes) & (unit - 1)) == 0;
}

}  // namespace memory_pages::detail
