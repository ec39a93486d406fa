// SPDX-License-Identifier: MIT
// A processor that needs a flush, and a flush that is none: the library's own is not linked.

#include "icache.hpp"

namespace memory_pages::os {

bool icache::is_coherent() noexcept { return false; }

bool icache::flush_reaches_threads() noexcept { return false; }

void icache::flush(std::byte*, std::size_t) noexcept {}

}  // namespace memory_pages::os
