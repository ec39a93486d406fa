// SPDX-License-Identifier: MIT
// A processor that needs a flush, and an empty flush: the library's own is not linked.

#include "cpu/icache.hpp"

namespace memory_pages::cpu {

bool icache::is_coherent() noexcept { return false; }

bool icache::flush_reaches_threads() noexcept { return false; }

void icache::flush(std::byte*, std::size_t) noexcept {}

}  // namespace memory_pages::cpu
