// SPDX-License-Identifier: MIT
#include "cpu/clear.hpp"

#include <cstring>

namespace memory_pages {

// On aarch64 the C library clears with dc zva, which does not read memory either.
void cpu::write_zeros(std::byte* base, std::size_t bytes) noexcept { std::memset(base, 0, bytes); }

}  // namespace memory_pages
