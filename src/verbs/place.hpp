// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Reserving address space at a place.

#include <memory_pages/detail/core_error.hpp>
#include <memory_pages/placement.hpp>

#include <cstddef>

#pragma GCC visibility push(hidden)

namespace memory_pages::detail {

/// What is wrong with a placement.
enum class BadPlacement {
    none,
    empty_range,
    only_reach,
    at_and_near_to,
    at_not_within,
    at_between
};

/// `bytes` and `alignment` as for `reserve_placed`.
[[nodiscard]] BadPlacement fault_of(const Placement& placement, std::size_t bytes,
                                    std::size_t alignment) noexcept;

/// Reserves whole pages at a multiple of a power of two, where `placement` says.
[[nodiscard]] CoreResult<std::byte*> reserve_placed(std::size_t bytes, std::size_t alignment,
                                                    const Placement& placement) noexcept;

}  // namespace memory_pages::detail

#pragma GCC visibility pop
