// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// The fastest way to fill memory with zeros on this processor. Defined in `clear_<cpu>.cpp`, or in
/// `clear_generic.cpp` where the C library's way is the fastest.

#include <cstddef>

#pragma GCC visibility push(hidden)

namespace memory_pages::cpu {

/// Writes zeros over whole writable pages.
void write_zeros(std::byte* base, std::size_t bytes) noexcept;

}  // namespace memory_pages::cpu

#pragma GCC visibility pop
