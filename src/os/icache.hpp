// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// What a processor needs before it runs freshly written code. One file per processor,
/// `icache_<cpu>.cpp`, defines it.

#include <cstddef>

#pragma GCC visibility push(hidden)

namespace memory_pages::os::icache {

/// Whether instruction fetch sees stores by itself, so that changing pages to executable is all
/// that new code needs.
[[nodiscard]] bool is_coherent() noexcept;

/// Whether `flush` makes every other thread of the process run what is there, too.
[[nodiscard]] bool flush_reaches_threads() noexcept;

/// Cleans the data cache and invalidates the instruction cache over a range that may be read, for
/// every core; the calling thread resynchronises itself.
void flush(std::byte* base, std::size_t bytes) noexcept;

}  // namespace memory_pages::os::icache

#pragma GCC visibility pop
