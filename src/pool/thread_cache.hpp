// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Idle blocks of a pool in a cache of one thread.

#include "pool/block_list.hpp"

#include <memory_pages/detail/pool_block.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace memory_pages::detail {

/// A few idle blocks of one thread, the owner. Only the owner puts blocks in. All threads take
/// blocks out with an atomic exchange, without a lock.
///
/// It may hold as many bytes as the pool has granted (`credit`), which changes only under the
/// pool's lock.
class alignas(64) ThreadCache {
public:
    using Clock = PoolBlock::Clock;

    explicit ThreadCache(PoolState& owner_of_blocks) noexcept : pool(owner_of_blocks) {}

    /// The cache of the calling thread; null if there is no memory for one.
    [[nodiscard]] static ThreadCache* of(PoolState& pool) noexcept {
        ThreadCache* const cache = last_used;
        if (cache != nullptr && &cache->pool == &pool) [[likely]] {
            return cache;
        }
        return find(pool);
    }

    // -- called by the owner -------------------------------------------------------------------

    /// A block of this key; null if there is none.
    [[nodiscard]] PoolBlock* take(std::size_t key) noexcept {
        for (Slot& slot : slots_) {
            if (slot.key.load(std::memory_order_relaxed) == key) {
                if (PoolBlock* const block = take_out_of(slot)) {
                    held_ -= block->committed;
                    taken_.store(taken_.load(std::memory_order_relaxed) + 1,
                                 std::memory_order_relaxed);
                    return block;
                }
            }
        }
        return nullptr;
    }

    /// False: the block does not fit.
    [[nodiscard]] bool put(PoolBlock* block) noexcept {
        if (--puts_left_ == 0) [[unlikely]] {
            look_at_clock();
        }
        return put_as_of_now(block);
    }
    [[nodiscard]] bool put_as_of_now(PoolBlock* block) noexcept {
        const std::size_t held = held_ + block->committed;
        if (held > credit_.load(std::memory_order_relaxed)) {
            return false;
        }
        for (Slot& slot : slots_) {
            if (slot.block.load(std::memory_order_relaxed) == nullptr) {
                slot.key.store(block->key, std::memory_order_relaxed);
                slot.bytes.store(block->committed, std::memory_order_relaxed);
                slot.idle_since.store(now_, std::memory_order_relaxed);
                held_ = held;
                slot.block.store(block, std::memory_order_release);
                return true;
            }
        }
        return false;
    }

    void set_now(Clock::time_point now) noexcept { now_ = now; }

    /// With the pool's lock: subtracts what other threads have taken.
    void reconcile() noexcept { held_ = held(); }
    [[nodiscard]] bool has_room() const noexcept {
        return std::ranges::any_of(slots_, [](const Slot& slot) {
            return slot.block.load(std::memory_order_relaxed) == nullptr;
        });
    }

    // -- called with the pool's lock -----------------------------------------------------------

    /// Take blocks out, by age, or at most one of a key; the credit falls by their bytes.
    void steal_idle_since(Clock::time_point latest, BlocksByAge& stolen) noexcept;
    [[nodiscard]] PoolBlock* steal_one(std::size_t key) noexcept;

    /// The bytes in the cache, summed up each time: in a child of `fork`, a counter of a cache
    /// whose owner was interrupted could be wrong.
    [[nodiscard]] std::size_t held() const noexcept {
        std::size_t bytes = 0;
        for (const Slot& slot : slots_) {
            if (slot.block.load(std::memory_order_relaxed) != nullptr) {
                bytes += slot.bytes.load(std::memory_order_relaxed);
            }
        }
        return bytes;
    }
    /// The bytes that it may hold. A put that began before a change may use the old number.
    [[nodiscard]] std::size_t credit() const noexcept {
        return credit_.load(std::memory_order_relaxed);
    }
    void set_credit(std::size_t bytes) noexcept { credit_.store(bytes, std::memory_order_relaxed); }
    [[nodiscard]] std::uint64_t times_taken() const noexcept {
        return taken_.load(std::memory_order_relaxed);
    }

    PoolState& pool;
    ThreadCache* next_of_pool = nullptr;

private:
    friend struct CachesOfThread;

    struct Slot {
        std::atomic<PoolBlock*> block{nullptr};
        std::atomic<std::size_t> key{0};
        std::atomic<std::size_t> bytes{0};
        std::atomic<Clock::time_point> idle_since{Clock::time_point{}};
    };

    static PoolBlock* take_out_of(Slot& slot) noexcept {
        return slot.block.load(std::memory_order_relaxed) == nullptr
                   ? nullptr
                   : slot.block.exchange(nullptr, std::memory_order_acquire);
    }
    [[nodiscard]] PoolBlock* steal(Slot& slot, Clock::time_point latest) noexcept;
    void look_at_clock() noexcept;
    [[nodiscard]] static ThreadCache* find(PoolState& pool) noexcept;

    static constinit thread_local ThreadCache* last_used;

    std::array<Slot, 8> slots_;
    std::size_t held_ = 0;  ///< For the owner: includes what was stolen since `reconcile`.
    std::atomic<std::size_t> credit_{0};
    std::atomic<std::uint64_t> taken_{0};  ///< Only the owner writes it.
    /// The owner reads the clock at every put if puts are rare, and at least at every 128th if the
    /// reading would cost a good part of a put. So a block that is put after a pause in a run of
    /// puts may count as idle for longer than it is, never for less.
    Clock::time_point now_{};
    unsigned puts_left_ = 1;
    unsigned puts_in_a_row_ = 1;
    ThreadCache* next_of_thread_ = nullptr;
};

}  // namespace memory_pages::detail
