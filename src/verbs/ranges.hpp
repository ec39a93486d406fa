// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// What a range must satisfy, and how it is rounded. `verbs.hpp` applies this, and converts ranges
/// to addresses.

#include <memory_pages/detail/core_error.hpp>
#include <memory_pages/ranges.hpp>

#include <cstddef>
#include <cstdint>
#include <expected>

namespace memory_pages::detail {

[[nodiscard]] inline std::byte* bytes_at(std::uint8_t* data, std::size_t offset) noexcept {
    return reinterpret_cast<std::byte*>(data) + offset;
}

[[nodiscard]] inline std::unexpected<Error> invalid_argument() noexcept {
    return std::unexpected(Error::invalid_argument);
}

[[nodiscard]] inline bool lies_within(ByteRange range, std::size_t size) noexcept {
    return range.offset <= size && range.bytes <= size - range.offset;
}

/// `unit` is a power of two, here and below.
[[nodiscard]] inline bool are_whole_units(ByteRange range, std::size_t unit) noexcept {
    return ((range.offset | range.bytes) & (unit - 1)) == 0;
}

/// Whether pages can be split there: whole units are left on both sides.
[[nodiscard]] inline bool can_split(std::size_t size, std::size_t offset,
                                    std::size_t unit) noexcept {
    return offset != 0 && offset < size && (offset & (unit - 1)) == 0;
}

/// `bytes` rounded down to a multiple of `unit`.
[[nodiscard]] inline std::size_t rounded_down(std::size_t bytes, std::size_t unit) noexcept {
    return bytes & ~(unit - 1);
}

/// `bytes` rounded up to a multiple of `unit`; 0 on overflow.
[[nodiscard]] inline std::size_t rounded_up(std::size_t bytes, std::size_t unit) noexcept {
    return rounded_down(bytes + unit - 1, unit);
}

/// The range extended to whole units on both sides.
[[nodiscard]] inline ByteRange rounded_outward(ByteRange range, std::size_t unit) noexcept {
    const std::size_t first = rounded_down(range.offset, unit);
    return {first, rounded_up(range.offset + range.bytes, unit) - first};
}

/// `bytes` rounded up to whole units. `invalid_argument`: 0 bytes. `not_enough_memory`: overflow.
[[nodiscard]] inline CoreResult<std::size_t> whole_units(std::size_t bytes,
                                                         std::size_t unit) noexcept {
    const std::size_t size = rounded_up(bytes, unit);
    if (size == 0) [[unlikely]] {
        return std::unexpected(bytes == 0 ? Error::invalid_argument : Error::not_enough_memory);
    }
    return size;
}

}  // namespace memory_pages::detail
