// SPDX-License-Identifier: MIT
#include "pool/state.hpp"

#include "os/advice.hpp"
#include "os/contents.hpp"
#include "os/huge.hpp"
#include "os/memory.hpp"
#include "os/poison.hpp"

#include <memory_pages/advice.hpp>
#include <memory_pages/detail/check.hpp>
#include <memory_pages/detail/huge_unit.hpp>
#include <memory_pages/page_size.hpp>

#include <algorithm>
#include <bit>
#include <chrono>
#include <limits>
#include <new>

namespace memory_pages::detail {

namespace {

/// The size of huge pages for a pool; without them, a size larger than any block.
std::size_t huge_size(HugePages policy) noexcept {
    const std::size_t bytes = policy == HugePages::prefer ? preferred_huge_page_size() : 0;
    return bytes == 0 ? std::size_t{1} << (std::numeric_limits<std::size_t>::digits - 1) : bytes;
}

/// Limits the age to what the clock, which counts in smaller steps, can represent.
PoolOptions on_the_clock(PoolOptions options) noexcept {
    using Age = decltype(options.max_age);
    constexpr Age oldest = std::chrono::duration_cast<Age>(PoolBlock::Clock::duration::max());
    options.max_age = std::min(options.max_age, oldest);
    return options;
}

}  // namespace

PoolState::PoolState(const PoolOptions& options) noexcept
    : options_(on_the_clock(options)),
      page_(page_size()),
      huge_(huge_size(options.huge_pages)),
      cares_((options.wipe ? wiping : 0U) | (os::may_be_poisoned() ? poison : 0U)) {
    check(options.huge_pages != HugePages::require, "PagePool",
          "a pool cannot use required huge pages");
}

void PoolState::unref() noexcept {
    if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
        delete this;
    }
}

void PoolState::close() noexcept {
    cares_.fetch_or(closed, std::memory_order_relaxed);
    clear();
    unref();
}

/// A block that was moving between two places at the fork is lost.
void PoolState::repair() noexcept {
    on_shelves_ = 0;
    shelves_ = {};
    for (BlocksByAge* const list : {&empties_, &full_}) {
        list->repair();
        for (PoolBlock* block = list->oldest(); block != nullptr; block = block->by_age.newer) {
            shelf_for(block->key).push_newest(block);
            on_shelves_ += block->idle_bytes();
        }
    }
}

// -- blocks -------------------------------------------------------------------------------------

/// The shelf of a key; each key has its own.
BlocksByKey& PoolState::shelf_for(std::size_t key) noexcept {
    const auto doubling = static_cast<std::size_t>(std::numeric_limits<std::size_t>::digits -
                                                   std::countl_zero(key - 1));
    const std::size_t step = doubling < 4 ? 0 : (key - 1) >> (doubling - 4) & (steps - 1);
    return shelves_[doubling * steps + step];
}

/// Most blocks are newer than those on the shelf. A block of an ended thread that is older than
/// many is inserted as the oldest, so that other threads do not wait for a long search.
void PoolState::lay_on_shelf(PoolBlock* block) noexcept {
    constexpr int most_steps = 64;
    PoolBlock* newer = nullptr;
    PoolBlock* at = full_.newest();
    for (int i = 0; at != nullptr && at->idle_since > block->idle_since; ++i) {
        newer = at;
        at = at->by_age.older;
        if (i == most_steps) {
            newer = full_.oldest();
            block->idle_since = std::min(block->idle_since, newer->idle_since);
            break;
        }
    }
    full_.insert_below(newer, block);
    shelf_for(block->key).push_newest(block);
    on_shelves_ += block->idle_bytes();
}

void PoolState::take_off_shelf(PoolBlock* block) noexcept {
    on_shelves_ -= block->idle_bytes();
    shelf_for(block->key).remove(block);
    (block->is_empty ? empties_ : full_).remove(block);
}

/// The newest block of this key; null if there is none.
PoolBlock* PoolState::take_shared(std::size_t key) noexcept {
    look_if_it_is_time(Clock::now());
    const Lock lock(*this);
    if (PoolBlock* const block = shelf_for(key).newest()) {
        take_off_shelf(block);
        ++reused_elsewhere_;
        return block;
    }
    for (ThreadCache* cache = caches_; cache != nullptr; cache = cache->next_of_pool) {
        PoolBlock* const block = cache->steal_one(key);
        if (block == nullptr) {
            continue;
        }
        if (block->key == key) {
            ++reused_elsewhere_;
            return block;
        }
        // The cache's owner has put another block into the slot since the check.
        lay_on_shelf(block);
    }
    return nullptr;
}

PoolBlock* PoolState::make_block(std::size_t key) noexcept {
    auto* const block = new (std::nothrow) PoolBlock{.pool = this, .key = key};
    if (block != nullptr) {
        references_.fetch_add(1, std::memory_order_relaxed);
        fresh_.fetch_add(1, std::memory_order_relaxed);
    }
    return block;
}

CoreResult<PoolBlock*> PoolState::make_pages(std::size_t key) noexcept {
    PoolBlock* const block = make_block(key);
    if (block == nullptr) {
        return std::unexpected(Error::not_enough_memory);
    }
    const bool is_huge = key >= huge_;
    const os::Result<std::byte*> base =
        os::map(key, is_huge ? huge_ : 1, Access::read_write, os::Charge::charged);
    if (!base) {
        forget(block);
        return std::unexpected(base.error());
    }
    block->data = *base;
    block->reserved = key;
    block->committed = key;
    update_total(block, key);
    if (is_huge || options_.huge_pages == HugePages::never) {
        os::set_huge_pages(*base, key, options_.huge_pages);
    }
    return block;
}

/// Replaces the user's policy for huge pages by the pool's. False: refused.
bool PoolState::restore_huge_pages(PoolBlock* block) const noexcept {
    if (os::transparent_huge_page_size() == 0) {
        return true;
    }
    // A policy can only be replaced by another one.
    const bool has_wish =
        options_.huge_pages == HugePages::never ||
        (options_.huge_pages == HugePages::prefer && preferred_huge_page_size() != 0);
    return has_wish && os::set_huge_pages(block->data, block->committed, options_.huge_pages);
}

/// Undoes changes for all committed memory, which also merges the mappings that parts with other
/// advice had become. False: some change remains.
bool PoolState::undo(unsigned changes, PoolBlock* block) const noexcept {
    const auto changed = [=](PoolBlock::Change what) { return (changes & what) != 0; };
    return block->committed == 0 ||
           ((!changed(PoolBlock::permissions) ||
             os::protect(block->data, block->committed, Access::read_write)) &&
            (!changed(PoolBlock::advice) ||
             os::advise(block->data, block->committed, Advice::normal)) &&
            (!changed(PoolBlock::huge_pages) || restore_huge_pages(block)));
}

/// Undoes what the block's user did with it. False: the block cannot be kept.
bool PoolState::make_plain(PoolBlock* block) noexcept {
    os::forget_poison(block->data, block->committed);
    const unsigned changes = block->changes.exchange(0, std::memory_order_relaxed);
    if (changes != 0 && !undo(changes, block)) {
        return false;
    }
    if (options_.wipe && block->dirty != 0) {
        os::clear(block->data, block->dirty);
        block->dirty = 0;
    }
    return !is_closed();
}

void PoolState::put(PoolBlock* block) noexcept {
    if (block->changes.load(std::memory_order_relaxed) != 0 ||
        cares_.load(std::memory_order_relaxed) != 0) [[unlikely]] {
        if (!make_plain(block)) {
            return release(block);
        }
    }
    if (block->in_total != block->committed) [[unlikely]] {
        update_total(block, block->committed);
    }
    ThreadCache* const cache = ThreadCache::of(*this);
    if (cache == nullptr || !cache->put(block)) [[unlikely]] {
        put_shared(block);
    }
}

/// Puts a block that its thread's cache cannot take as it is. Releases the lock between the steps
/// of making room.
void PoolState::put_shared(PoolBlock* block) noexcept {
    ThreadCache* const cache = ThreadCache::of(*this);
    const Clock::time_point now = Clock::now();
    look_if_it_is_time(now);
    block->idle_since = now;
    if (cache != nullptr) {
        cache->set_now(now);
    }
    for (bool is_done = false; !is_done;) {
        BlocksByAge too_many;
        {
            const Lock lock(*this);
            is_done = keep(block, cache, too_many);
        }
        release_all(too_many);
    }
}

/// Puts the block into the cache or on the shelf, or into `too_many`. False: there is no room yet.
bool PoolState::keep(PoolBlock* block, ThreadCache* cache, BlocksByAge& too_many) noexcept {
    if (is_closed() || block->idle_bytes() > options_.max_bytes) {
        too_many.push_newest(block);
        return true;
    }
    if (cache != nullptr && cache->has_room()) {
        cache->reconcile();
        const std::size_t wanted = cache->held() + block->idle_bytes();
        const auto missing = [&] { return wanted - std::min(wanted, cache->credit()); };
        if (!make_room(missing(), too_many)) {
            return false;
        }
        cache->set_credit(cache->credit() + std::min(room(), missing()));
        if (!cache->put_as_of_now(block)) {
            too_many.push_newest(block);
        }
        return true;
    }
    if (!make_room(block->idle_bytes(), too_many)) {
        return false;
    }
    if (block->idle_bytes() <= room()) {
        lay_on_shelf(block);
    } else {
        too_many.push_newest(block);
    }
    return true;
}

bool PoolState::zero(PoolBlock* block, std::size_t bytes) noexcept {
    if (block->is_empty) {
        return os::zero(block->data, bytes).has_value();
    }
    if (block->dirty != 0) {
        os::clear(block->data, std::min(bytes, block->dirty));
    }
    return true;
}

// The analyzer loses track: no list holds a popped block, and the caller has a reference.
// NOLINTBEGIN(clang-analyzer-core.UndefinedBinaryOperatorResult,clang-analyzer-cplusplus.NewDelete)
void PoolState::update_total(PoolBlock* block, std::size_t bytes) noexcept {
    total_bytes_.fetch_add(bytes - block->in_total, std::memory_order_relaxed);
    block->in_total = bytes;
}

void PoolState::forget(PoolBlock* block) noexcept {
    update_total(block, 0);
    delete block;
    unref();
}
// NOLINTEND(clang-analyzer-core.UndefinedBinaryOperatorResult,clang-analyzer-cplusplus.NewDelete)

// -- how much may be kept -------------------------------------------------------------------------

/// The bytes that the threads' caches may hold.
std::size_t PoolState::granted() const noexcept {
    std::size_t bytes = 0;
    for (const ThreadCache* cache = caches_; cache != nullptr; cache = cache->next_of_pool) {
        bytes += cache->credit();
    }
    return bytes;
}

/// The bytes that may be granted in addition.
std::size_t PoolState::room() const noexcept {
    return options_.max_bytes - std::min(options_.max_bytes, granted() + on_shelves_);
}

/// Makes room for this many bytes if possible: takes unused credit from the caches, then the blocks
/// that have been idle longest. False: more can be done in another call.
bool PoolState::make_room(std::size_t bytes, BlocksByAge& too_many) noexcept {
    if (bytes <= room()) {
        return true;
    }
    for (ThreadCache* cache = caches_; cache != nullptr; cache = cache->next_of_pool) {
        cache->set_credit(std::min(cache->credit(), cache->held()));
    }
    const std::size_t others = granted() + bytes;
    for (std::size_t count = 0; !full_.empty() && others + on_shelves_ > options_.max_bytes;) {
        if (count++ == at_once) {
            return false;
        }
        PoolBlock* const block = full_.oldest();
        take_off_shelf(block);
        too_many.push_newest(block);
    }
    return true;
}

void PoolState::look_if_it_is_time(Clock::time_point now) noexcept {
    Clock::time_point last = last_look_.load(std::memory_order_relaxed);
    if (options_.max_age != Clock::duration::zero() && now - last >= options_.max_age / 2 &&
        last_look_.compare_exchange_strong(last, now, std::memory_order_relaxed)) {
        trim();
    }
}

// -- the rest -------------------------------------------------------------------------------------

void PoolState::attach(ThreadCache* cache) noexcept {
    references_.fetch_add(1, std::memory_order_relaxed);
    const Lock lock(*this);
    cache->next_of_pool = caches_;
    std::atomic_signal_fence(std::memory_order_seq_cst);  // A fork may happen here.
    caches_ = cache;
}

void PoolState::detach(ThreadCache* cache) noexcept {
    BlocksByAge left;
    {
        const Lock lock(*this);
        ThreadCache** link = &caches_;
        while (*link != nullptr && *link != cache) {
            link = &(*link)->next_of_pool;
        }
        if (*link != nullptr) {  // Null: its owner was attaching it in the parent process.
            *link = cache->next_of_pool;
        }
        cache->steal_idle_since(Clock::time_point::max(), left);
        reused_elsewhere_ += cache->times_taken();
        while (!is_closed() && !left.empty()) {
            lay_on_shelf(left.pop_oldest());
        }
    }
    delete cache;
    release_all(left);
    unref();  // NOLINT(clang-analyzer-cplusplus.NewDelete): this reference is still held.
}

PoolStatistics PoolState::statistics() noexcept {
    const Lock lock(*this);
    PoolStatistics numbers{.reused = reused_elsewhere_,
                           .fresh = fresh_.load(std::memory_order_relaxed),
                           .idle_bytes = on_shelves_,
                           .total_bytes = total_bytes_.load(std::memory_order_relaxed)};
    for (const ThreadCache* cache = caches_; cache != nullptr; cache = cache->next_of_pool) {
        numbers.reused += cache->times_taken();
        numbers.idle_bytes += cache->held();
    }
    return numbers;
}

}  // namespace memory_pages::detail
