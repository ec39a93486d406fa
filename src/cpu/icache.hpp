// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// What a processor needs before it executes new code. Defined in `icache_<cpu>.cpp`.

#include <cstddef>

#pragma GCC visibility push(hidden)

namespace memory_pages::cpu::icache {

/// Whether instruction fetch sees stores, so that new code only needs pages to become executable.
[[nodiscard]] bool is_coherent() noexcept;

/// Whether `flush` also makes every other thread of the process execute the new code.
[[nodiscard]] bool flush_reaches_threads() noexcept;

/// Cleans the data cache and invalidates the instruction cache for a readable range, on every core;
/// synchronizes the calling thread's context.
void flush(std::byte* base, std::size_t bytes) noexcept;

}  // namespace memory_pages::cpu::icache

#pragma GCC visibility pop
