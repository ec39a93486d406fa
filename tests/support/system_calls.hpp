// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Pages by hand, as whoever does without the library writes them: what benches compare with. One
/// .cpp per system defines it.

#include <cstddef>

namespace system_calls {

/// Readable and writable pages. Bytes need not be whole pages.
[[nodiscard]] void* map(std::size_t bytes);
void unmap(void* base, std::size_t bytes);

}  // namespace system_calls
