// SPDX-License-Identifier: MIT
#include "icache.hpp"

#include <sys/syscall.h>
#include <unistd.h>

namespace memory_pages::os {

bool icache::is_coherent() noexcept { return false; }

// FENCE.I works for one hart only, and a thread may change harts: riscv_flush_icache(2) has every
// hart that runs the process make one, now or before it next runs it (Linux 4.15,
// arch/riscv/mm/cacheflush.c).
bool icache::flush_reaches_threads() noexcept { return true; }

void icache::flush(std::byte* base, std::size_t bytes) noexcept {
    constexpr long riscv_flush_icache = 259;
    constexpr unsigned long all_threads = 0;
    (void)::syscall(riscv_flush_icache, base, base + bytes, all_threads);
}

}  // namespace memory_pages::os
