// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Address space at places that Windows does not choose by itself.

#include <cstddef>

#pragma GCC visibility push(hidden)

namespace memory_pages::os {

/// Address space at a multiple of an alignment above the allocation granularity; null if there is
/// none.
[[nodiscard]] std::byte* reserve_aligned(std::size_t bytes, std::size_t alignment) noexcept;

}  // namespace memory_pages::os

#pragma GCC visibility pop
