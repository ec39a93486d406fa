// SPDX-License-Identifier: MIT
#include "cpu/icache.hpp"

namespace memory_pages::cpu {

// Intel SDM volume 3, "Self-Modifying Code": stores invalidate cached instructions.
bool icache::is_coherent() noexcept { return true; }

bool icache::flush_reaches_threads() noexcept { return false; }

void icache::flush(std::byte*, std::size_t) noexcept {}

}  // namespace memory_pages::cpu
