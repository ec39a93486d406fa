// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// The piece of memory that a pool hands out and takes back.

#include <memory_pages/advice.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>

namespace memory_pages::detail {

class PoolState;

/// Address space of a pool with a committed prefix, readable and writable. The holder of the
/// pointer owns the memory: a user's object, a thread's cache, or the pool.
struct alignas(64) PoolBlock {  // No two blocks share a cache line.
    using Clock = std::chrono::steady_clock;

    PoolState* pool;
    std::byte* data = nullptr;
    std::size_t reserved = 0;
    std::size_t committed = 0;
    std::size_t in_total = 0;  ///< Its bytes in the pool's total.
    std::size_t key = 0;       ///< The uses it may be reused for: see `PoolState`.
    std::size_t dirty = 0;     ///< Only this many bytes at its start may be other than zero.
    std::size_t size = 0;      ///< Of pages: the bytes at its start that its user has.

    /// What its user may have changed besides its bytes. Undone before the block is idle.
    enum Change : unsigned { permissions = 1, advice = 2, huge_pages = 4 };
    std::atomic<unsigned> changes{0};  ///< Several threads may give advice at once.

    struct Links {
        PoolBlock* newer = nullptr;
        PoolBlock* older = nullptr;
    };

    // While the block is idle:
    bool is_empty = false;  ///< Its memory was given back, and its contents are indeterminate.
    Clock::time_point idle_since{};  ///< If it is empty, the time when it became empty.
    Links by_key{};
    Links by_age{};

    void note(Change change) noexcept { changes.fetch_or(change, std::memory_order_relaxed); }
    /// Only advice on order stays with memory. Other advice acts once, or, as `never_merge`,
    /// forbids what the library never requests.
    void note(Advice given) noexcept {
        switch (given) {
            case Advice::sequential:
            case Advice::random:
                note(Change::advice);
                break;
            case Advice::normal:
            case Advice::use_soon:
            case Advice::cold:
            case Advice::page_out:
            case Advice::never_merge:
                break;
        }
    }

    /// The bytes that count as idle.
    [[nodiscard]] std::size_t idle_bytes() const noexcept { return is_empty ? 0 : committed; }
};

/// Called by the last user of a block. Any thread, also after the end of the pool.
void return_to_pool(PoolBlock* block) noexcept;

/// Gives idle memory of the pool of a block in use back to the system, when the block's user needs
/// memory.
void clear_pool_of(PoolBlock* block) noexcept;

/// Called by a user of a block who keeps its memory: the pool no longer counts it.
void lose_in_pool(PoolBlock* block) noexcept;

}  // namespace memory_pages::detail
