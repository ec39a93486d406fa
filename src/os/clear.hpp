// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// The fastest way to fill memory with zeros, on this processor. `clear_<cpu>.cpp` defines it, or
/// `clear_generic.cpp` where the C library's own is the fastest.

#include <cstddef>

#pragma GCC visibility push(hidden)

namespace memory_pages::os {

/// Writes zeros over whole writable pages.
void write_zeros(std::byte* base, std::size_t bytes) noexcept;

}  // namespace memory_pages::os

#pragma GCC visibility pop
