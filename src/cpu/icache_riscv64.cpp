// SPDX-License-Identifier: MIT
#include "cpu/icache.hpp"

#include <sys/syscall.h>
#include <unistd.h>

namespace memory_pages::cpu {

bool icache::is_coherent() noexcept { return false; }

// FENCE.I works for one hart, and a thread may move to another: riscv_flush_icache(2) makes every
// hart of the process execute it, now or before it next runs the process (Linux 4.15,
// arch/riscv/mm/cacheflush.c).
bool icache::flush_reaches_threads() noexcept { return true; }

void icache::flush(std::byte* base, std::size_t bytes) noexcept {
    constexpr long riscv_flush_icache = 259;
    constexpr unsigned long all_threads = 0;
    (void)::syscall(riscv_flush_icache, base, base + bytes, all_threads);
}

}  // namespace memory_pages::cpu
