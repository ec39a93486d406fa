// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// The piece of memory that a pool hands out and takes back.

#include <memory_pages/access.hpp>

#include <chrono>
#include <cstddef>

namespace memory_pages::detail {

class PoolState;

/// Address space of a pool of which a prefix is committed, readable and writable. Whoever holds the
/// pointer holds the memory: a user's object, a thread's cache, or the pool.
struct alignas(64) PoolBlock {  // No line of the cache is two threads' at once.
    using Clock = std::chrono::steady_clock;

    PoolState* pool;
    std::byte* data = nullptr;
    std::size_t reserved = 0;
    std::size_t committed = 0;
    std::size_t in_total = 0;  ///< Bytes of it that the pool's total has.
    std::size_t key = 0;       ///< What it may be used for again: see `PoolState`.
    std::size_t dirty = 0;     ///< So many bytes at its start may be other than zero.
    std::size_t size = 0;      ///< Of pages: so many bytes at its start are what its user has.
    Access access = Access::read_write;  ///< Of what its user has; while idle as it stands here.

    // While it is idle.
    std::size_t counted = 0;  ///< Bytes of it that count as idle.
    bool is_empty = false;    ///< Its memory was given back, and its contents are indeterminate.
    Clock::time_point idle_since;
    PoolBlock* newer = nullptr;
    PoolBlock* older = nullptr;
};

/// From the last user of a block. Any thread, at any time, also when the pool is gone.
void return_to_pool(PoolBlock* block) noexcept;

/// Gives back to the system what the pool of a block in use has idle: its user needs memory.
void clear_pool_of(PoolBlock* block) noexcept;

}  // namespace memory_pages::detail
