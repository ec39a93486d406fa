// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Pages by system calls, as in programs without the library: the baseline of benchmarks, and the
/// base of the fake system of fault tests. Defined in one .cpp per system.

#include <cstddef>

namespace system_calls {

/// Readable and writable pages. Bytes need not be whole pages.
[[nodiscard]] void* map(std::size_t bytes);
void unmap(void* base, std::size_t bytes);

/// Reserves address space, released by `unmap`: touching it faults until `allow`.
[[nodiscard]] void* reserve(std::size_t bytes);
/// The same exactly at an address; false if it is taken.
[[nodiscard]] bool reserve_at(void* where, std::size_t bytes);
/// Sets the permissions of these pages; at first they read zero. False if refused.
[[nodiscard]] bool allow(void* base, std::size_t bytes, bool reading, bool writing);
/// Makes them reserved again.
[[nodiscard]] bool retire(void* base, std::size_t bytes);

}  // namespace system_calls
