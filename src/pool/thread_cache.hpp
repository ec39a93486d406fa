// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// What a thread keeps of a pool for itself.

#include "pool/block_list.hpp"

#include <memory_pages/detail/pool_block.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace memory_pages::detail {

/// A few idle blocks for one thread. Only that thread, its owner, puts blocks in. It takes them out
/// by an atomic exchange, and so does whoever else needs them: no lock stands between.
///
/// It may hold as many bytes as the pool has granted it. `credit`, and what is said to need the
/// pool's lock, changes under that lock alone.
class alignas(64) ThreadCache {
public:
    explicit ThreadCache(PoolState& owner_of_blocks) noexcept : pool(owner_of_blocks) {}

    /// The calling thread's; none where there is no memory for one.
    [[nodiscard]] static ThreadCache* of(PoolState& pool) noexcept {
        ThreadCache* const cache = last_used;
        if (cache != nullptr && &cache->pool == &pool) [[likely]] {
            return cache;
        }
        return find(pool);
    }

    // -- the owner -----------------------------------------------------------------------------

    /// A block of this key, or none.
    [[nodiscard]] PoolBlock* take(std::size_t key) noexcept {
        for (Slot& slot : slots_) {
            if (slot.key.load(std::memory_order_relaxed) == key) {
                if (PoolBlock* const block = empty_out(slot)) {
                    add(held_, -block->counted);
                    add(taken_, std::uint64_t{1});
                    return block;
                }
            }
        }
        return nullptr;
    }

    /// False: it does not fit, or it is time for the pool to look at the clock.
    [[nodiscard]] bool put(PoolBlock* block) noexcept {
        constexpr unsigned puts_between_looks = 1024;
        return ++puts_ % puts_between_looks != 0 && put_now(block);
    }
    [[nodiscard]] bool put_now(PoolBlock* block) noexcept {
        const std::size_t held = held_.load(std::memory_order_relaxed) + block->counted;
        if (held > credit_.load(std::memory_order_relaxed)) {
            return false;
        }
        for (Slot& slot : slots_) {
            if (slot.block.load(std::memory_order_relaxed) == nullptr) {
                slot.key.store(block->key, std::memory_order_relaxed);
                slot.is_new.store(true, std::memory_order_relaxed);
                held_.store(held, std::memory_order_relaxed);
                slot.block.store(block, std::memory_order_release);
                return true;
            }
        }
        return false;
    }

    /// With the pool's lock: takes into account what others have taken.
    void reconcile() noexcept { add(held_, -std::exchange(stolen_, std::size_t{0})); }
    [[nodiscard]] bool has_room() const noexcept {
        return std::ranges::any_of(slots_, [](const Slot& slot) {
            return slot.block.load(std::memory_order_relaxed) == nullptr;
        });
    }

    // -- anyone with the pool's lock -----------------------------------------------------------

    enum class Which { all, seen_before, of_key };

    /// Takes blocks out; the cache may hold so many bytes less. `seen_before`: those that a look of
    /// this kind has seen before, and that are still there. `of_key`: at most one.
    void steal(Which which, std::size_t key, BlockList& stolen) noexcept;

    /// How many bytes it holds.
    [[nodiscard]] std::size_t held() const noexcept {
        return held_.load(std::memory_order_relaxed) - stolen_;
    }
    /// How many it may hold. What a put sees of a change, that began before, is the old number.
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
        std::atomic<bool> is_new{false};
    };

    static PoolBlock* empty_out(Slot& slot) noexcept {
        return slot.block.load(std::memory_order_relaxed) == nullptr
                   ? nullptr
                   : slot.block.exchange(nullptr, std::memory_order_acquire);
    }
    /// Only one thread writes these; others may look.
    template <class Number>
    static void add(std::atomic<Number>& to, Number what) noexcept {
        to.store(to.load(std::memory_order_relaxed) + what, std::memory_order_relaxed);
    }
    [[nodiscard]] static ThreadCache* find(PoolState& pool) noexcept;

    static constinit thread_local ThreadCache* last_used;

    std::array<Slot, 8> slots_;
    std::atomic<std::size_t> held_{0};  ///< With what was stolen since `reconcile`.
    std::atomic<std::size_t> credit_{0};
    std::atomic<std::uint64_t> taken_{0};
    unsigned puts_ = 0;
    std::size_t stolen_ = 0;  ///< Needs the lock.
    ThreadCache* next_of_thread_ = nullptr;
};

}  // namespace memory_pages::detail
