// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Pages by hand, as whoever does without the library writes them: what benches compare with, and
/// what the fake system of the fault tests is made of. One .cpp per system defines it.

#include <cstddef>

namespace system_calls {

/// Readable and writable pages. Bytes need not be whole pages.
[[nodiscard]] void* map(std::size_t bytes);
void unmap(void* base, std::size_t bytes);

/// Address space, given back by `unmap`: touching it faults until something is allowed there.
[[nodiscard]] void* reserve(std::size_t bytes);
/// The same exactly there; false where something is.
[[nodiscard]] bool reserve_at(void* where, std::size_t bytes);
/// What may be done with these pages of it from now on; at first they read zero. False if refused.
[[nodiscard]] bool allow(void* base, std::size_t bytes, bool reading, bool writing);
/// Takes their memory away again.
[[nodiscard]] bool retire(void* base, std::size_t bytes);

}  // namespace system_calls
