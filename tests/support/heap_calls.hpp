// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Counts all calls of the heap functions.

#include <cstddef>

namespace heap_calls {

/// Starts counting from 0.
void begin_counting();

/// Stops counting, and returns the number of calls.
[[nodiscard]] std::size_t end_counting();

/// Whether calls can be counted: a sanitizer has its own heap, and only one C library lets another
/// `malloc` use its heap. Tested at run time.
[[nodiscard]] bool are_counted();

}  // namespace heap_calls
