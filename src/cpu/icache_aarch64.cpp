// SPDX-License-Identifier: MIT
#include "cpu/icache.hpp"

namespace memory_pages::cpu {

bool icache::is_coherent() noexcept { return false; }

bool icache::flush_reaches_threads() noexcept { return false; }

// DC CVAU, DSB, IC IVAU, DSB, ISB: Arm ARM, "Synchronization and coherency issues between data and
// instruction accesses".
void icache::flush(std::byte* base, std::size_t bytes) noexcept {
    __builtin___clear_cache(reinterpret_cast<char*>(base), reinterpret_cast<char*>(base + bytes));
}

}  // namespace memory_pages::cpu
