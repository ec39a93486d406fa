// SPDX-License-Identifier: MIT
// What a pool gives back to the system: blocks, or only their memory.
#include "pool/state.hpp"

#include "os/contents.hpp"
#include "os/memory.hpp"
#include "os/reserve.hpp"

#include <array>
#include <span>
#include <utility>

namespace memory_pages::detail {

// The analyzer loses track: no list holds a popped block, and the caller has a reference.
// NOLINTBEGIN(clang-analyzer-core.UndefinedBinaryOperatorResult,clang-analyzer-cplusplus.NewDelete)
void PoolState::release(PoolBlock* block) noexcept {
    if (block->key == space_key) {
        os::release(block->data, block->reserved);
    } else {
        os::unmap(block->data, block->reserved);
    }
    forget(block);
}

/// Unmaps neighbours together.
void PoolState::release_all(BlocksByAge& blocks) noexcept {
    while (!blocks.empty()) {
        std::array<os::Range, at_once> mappings;
        std::size_t count = 0;
        while (count < at_once && !blocks.empty()) {
            PoolBlock* const block = blocks.pop_newest();
            if (block->key == space_key) {
                release(block);
                continue;
            }
            mappings[count++] = {block->data, block->reserved};
            forget(block);
        }
        if (count != 0) {
            os::unmap_all(std::span(mappings).first(count));
        }
    }
}
// NOLINTEND(clang-analyzer-core.UndefinedBinaryOperatorResult,clang-analyzer-cplusplus.NewDelete)

void PoolState::steal_idle_since(Clock::time_point latest, BlocksByAge& stolen) noexcept {
    for (ThreadCache* cache = caches_; cache != nullptr; cache = cache->next_of_pool) {
        cache->steal_idle_since(latest, stolen);
    }
}

void PoolState::clear() noexcept {
    BlocksByAge of_threads;
    BlocksByAge full;
    BlocksByAge empties;
    {
        const Lock lock(*this);
        steal_idle_since(Clock::time_point::max(), of_threads);
        full = std::exchange(full_, {});
        empties = std::exchange(empties_, {});
        shelves_ = {};
        on_shelves_ = 0;
    }
    release_all(of_threads);
    release_all(full);
    release_all(empties);
}

/// Takes the blocks of a list on the shelf that have been idle since `latest` or longer. False:
/// there may be more.
bool PoolState::take_old(BlocksByAge& from, Clock::time_point latest, BlocksByAge& old) noexcept {
    for (std::size_t count = 0; !from.empty() && from.oldest()->idle_since <= latest;) {
        if (count++ == at_once) {
            return false;
        }
        PoolBlock* const block = from.oldest();
        take_off_shelf(block);
        old.push_newest(block);
    }
    return true;
}

/// First releases addresses whose memory was given back long ago, then gives memory back: no block
/// loses both at once.
void PoolState::trim() noexcept {
    const Clock::time_point now = Clock::now();
    const Clock::time_point latest = now - options_.max_age;
    last_look_.store(now, std::memory_order_relaxed);
    BlocksByAge of_threads;
    for (bool is_over = false; !is_over;) {
        BlocksByAge old;
        {
            const Lock lock(*this);
            is_over = take_old(empties_, latest, old);
        }
        release_all(old);
    }
    {
        const Lock lock(*this);
        steal_idle_since(latest, of_threads);
    }
    drop_memory(of_threads, now);
    for (bool is_over = false; !is_over;) {
        BlocksByAge aged;
        {
            const Lock lock(*this);
            is_over = take_old(full_, latest, aged);
        }
        drop_memory(aged, now);
    }
}

/// Gives the memory of blocks back, of many with one system call, and keeps their addresses.
void PoolState::drop_memory(BlocksByAge& aged, Clock::time_point now) noexcept {
    BlocksByAge without;
    while (!aged.empty()) {
        std::array<os::Range, at_once> ranges;
        BlocksByAge batch;
        std::size_t count = 0;
        while (count < at_once && !aged.empty()) {
            PoolBlock* const block = aged.pop_oldest();
            if (block->is_empty || block->committed == 0) {
                without.push_newest(block);
                continue;
            }
            ranges[count++] = {block->data, block->committed};
            batch.push_newest(block);
        }
        if (count != 0 && os::decommit_all(std::span(ranges).first(count)).has_value()) {
            lay_down_empty(batch, now);
        }
        release_all(batch);
    }
    release_all(without);
}

/// Puts all of them on the shelf, unless the pool is closed.
void PoolState::lay_down_empty(BlocksByAge& emptied, Clock::time_point now) noexcept {
    const Lock lock(*this);
    while (!is_closed() && !emptied.empty()) {
        PoolBlock* const block = emptied.pop_oldest();
        block->is_empty = true;
        block->dirty = block->committed;
        block->idle_since = now;
        empties_.push_newest(block);
        shelf_for(block->key).push_oldest(block);
    }
}

}  // namespace memory_pages::detail
