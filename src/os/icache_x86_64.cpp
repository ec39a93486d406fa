// SPDX-License-Identifier: MIT
#include "icache.hpp"

namespace memory_pages::os {

// Intel SDM volume 3, "Self-Modifying Code": stores invalidate what instruction fetch has cached.
bool icache::is_coherent() noexcept { return true; }

bool icache::flush_reaches_threads() noexcept { return false; }

void icache::flush(std::byte*, std::size_t) noexcept {}

}  // namespace memory_pages::os
