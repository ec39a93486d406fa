// SPDX-License-Identifier: MIT
#include "cpu/icache.hpp"

#include <sys/auxv.h>

#include <cstdint>

namespace memory_pages::cpu {
namespace {

/// Bytes in a block of cache instructions: the kernel's value, or less than any processor has.
std::uintptr_t block_size(unsigned long which) noexcept {
    constexpr std::uintptr_t smallest = 16;
    const unsigned long told = ::getauxval(which);
    return told == 0 ? smallest : told;
}

}  // namespace

bool icache::is_coherent() noexcept { return false; }

bool icache::flush_reaches_threads() noexcept { return false; }

// Power ISA 3.1 Book II, "Instruction Cache Instructions": dcbst, sync, icbi, sync, isync.
// GCC's __builtin___clear_cache does nothing on this processor.
void icache::flush(std::byte* base, std::size_t bytes) noexcept {
    const auto first = reinterpret_cast<std::uintptr_t>(base);
    const std::uintptr_t end = first + bytes;
    const std::uintptr_t data = block_size(AT_DCACHEBSIZE);
    const std::uintptr_t instructions = block_size(AT_ICACHEBSIZE);
    for (std::uintptr_t line = first & ~(data - 1); line < end; line += data) {
        asm volatile("dcbst 0,%0" : : "r"(line) : "memory");
    }
    asm volatile("sync" : : : "memory");
    for (std::uintptr_t line = first & ~(instructions - 1); line < end; line += instructions) {
        asm volatile("icbi 0,%0" : : "r"(line) : "memory");
    }
    asm volatile("sync; isync" : : : "memory");
}

}  // namespace memory_pages::cpu
