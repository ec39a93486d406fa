// SPDX-License-Identifier: MIT
#include "pool/state.hpp"

#include "os/os.hpp"
#include "pool/every_pool.hpp"

#include <memory_pages/detail/check.hpp>
#include <memory_pages/detail/huge_unit.hpp>
#include <memory_pages/page_size.hpp>

#include <algorithm>
#include <bit>
#include <chrono>
#include <limits>
#include <new>
#include <span>

namespace memory_pages::detail {

namespace {

/// The size of huge pages for a pool; where it has none, more than there can be.
std::size_t huge_size(HugePages policy) noexcept {
    const std::size_t bytes = policy == HugePages::prefer ? preferred_huge_page_size() : 0;
    return bytes == 0 ? std::size_t{1} << (std::numeric_limits<std::size_t>::digits - 1) : bytes;
}

/// With no age that the clock, which counts in smaller steps, has no number for.
PoolOptions on_the_clock(PoolOptions options) noexcept {
    using Age = decltype(options.max_age);
    constexpr Age oldest = std::chrono::duration_cast<Age>(PoolBlock::Clock::duration::max());
    options.max_age = std::min(options.max_age, oldest);
    return options;
}

}  // namespace

PoolState::PoolState(const PoolOptions& options) noexcept
    : options_(on_the_clock(options)), page_(page_size()), huge_(huge_size(options.huge_pages)) {
    check(options.huge_pages != HugePages::require, "PagePool",
          "a pool keeps no required huge pages");
    EveryPool::add(this);
}

void PoolState::unref() noexcept {
    if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
        EveryPool::remove(this);
        delete this;
    }
}

void PoolState::close() noexcept {
    is_closed_.store(true, std::memory_order_relaxed);
    clear();
    unref();
}

// -- blocks -------------------------------------------------------------------------------------

/// Each key has one of its own.
BlockList& PoolState::shelf_for(std::size_t key) noexcept {
    const auto doubling = static_cast<std::size_t>(std::bit_width(key - 1));
    const std::size_t step = doubling < 4 ? 0 : (key - 1) >> (doubling - 4) & (steps - 1);
    return shelves_[doubling * steps + step];
}

void PoolState::lay_on_shelf(PoolBlock* block) noexcept {
    on_shelves_ += block->counted;
    shelf_for(block->key).push_newest(block);
}

/// The newest block of this key, or none.
PoolBlock* PoolState::take_shared(std::size_t key) noexcept {
    look_if_it_is_time();
    const Lock lock(mutex_);
    BlockList& shelf = shelf_for(key);
    if (!shelf.empty()) {
        PoolBlock* const block = shelf.pop_newest();
        on_shelves_ -= block->counted;
        ++reused_elsewhere_;
        return block;
    }
    BlockList stolen;
    for (ThreadCache* cache = caches_; cache != nullptr; cache = cache->next_of_pool) {
        cache->steal(ThreadCache::Which::of_key, key, stolen);
        if (stolen.empty()) {
            continue;
        }
        PoolBlock* const block = stolen.pop_newest();
        if (block->key == key) {
            ++reused_elsewhere_;
            return block;
        }
        // Its owner has put another one in the place of what was looked at.
        block->idle_since = Clock::now();
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

PoolBlock* PoolState::make_pages(std::size_t key, std::error_code& error) noexcept {
    PoolBlock* const block = make_block(key);
    if (block == nullptr) {
        error = std::make_error_code(std::errc::not_enough_memory);
        return nullptr;
    }
    const bool is_huge = key >= huge_;
    const Result<std::byte*> base = os::reserve(key, is_huge ? huge_ : page_);
    if (!base) {
        error = base.error();
        forget(block);
        return nullptr;
    }
    block->data = *base;
    block->reserved = key;
    if (const Result<void> done = os::commit(*base, key, Access::read_write); !done) {
        error = done.error();
        release(block);
        return nullptr;
    }
    block->committed = key;
    update_total(block, key);
    if (is_huge || options_.huge_pages == HugePages::never) {
        os::set_huge_pages(*base, key, options_.huge_pages);
    }
    return block;
}

void PoolState::put(PoolBlock* block) noexcept {
    if (block->access != Access::read_write) [[unlikely]] {
        if (!os::protect(block->data, block->committed, Access::read_write)) {
            return release(block);
        }
        block->access = Access::read_write;
    }
    if (options_.wipe && block->dirty != 0) {
        os::clear(block->data, block->dirty);
        block->dirty = 0;
    }
    block->counted = block->committed;
    if (block->in_total != block->committed) [[unlikely]] {
        update_total(block, block->committed);
    }
    if (is_closed()) [[unlikely]] {
        return release(block);
    }
    ThreadCache* const cache = ThreadCache::of(*this);
    if (cache == nullptr || !cache->put(block)) [[unlikely]] {
        put_shared(block);
    }
}

/// Where the block does not fit into its thread's cache as that is.
void PoolState::put_shared(PoolBlock* block) noexcept {
    look_if_it_is_time();
    BlockList too_many;
    {
        ThreadCache* const cache = ThreadCache::of(*this);
        const Lock lock(mutex_);
        if (is_closed() || block->counted > options_.max_bytes) {
            too_many.push_newest(block);
        } else if (cache != nullptr && cache->has_room()) {
            cache->reconcile();
            const std::size_t wanted = cache->held() + block->counted;
            if (wanted > cache->credit()) {
                make_room(wanted - cache->credit(), too_many);
                cache->set_credit(cache->credit() + std::min(room(), wanted - cache->credit()));
            }
            if (!cache->put_now(block)) {
                too_many.push_newest(block);
            }
        } else {
            make_room(block->counted, too_many);
            if (block->counted <= room()) {
                block->idle_since = Clock::now();
                lay_on_shelf(block);
            } else {
                too_many.push_newest(block);
            }
        }
    }
    release_all(too_many);
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

// A block that was popped is in no list any more, and whoever calls holds a reference: the analyzer
// loses count of both.
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

// -- giving back ----------------------------------------------------------------------------------

void PoolState::release(PoolBlock* block) noexcept {
    os::release(block->data, block->reserved);
    forget(block);
}

void PoolState::release_all(BlockList& blocks) noexcept {
    while (!blocks.empty()) {
        release(blocks.pop_newest());
    }
}
// NOLINTEND(clang-analyzer-core.UndefinedBinaryOperatorResult,clang-analyzer-cplusplus.NewDelete)

/// Bytes that the threads' caches may hold.
std::size_t PoolState::granted() const noexcept {
    std::size_t bytes = 0;
    for (const ThreadCache* cache = caches_; cache != nullptr; cache = cache->next_of_pool) {
        bytes += cache->credit();
    }
    return bytes;
}

/// Bytes that may be kept besides what may be kept already.
std::size_t PoolState::room() const noexcept {
    return options_.max_bytes - std::min(options_.max_bytes, granted() + on_shelves_);
}

/// Makes room for so many bytes, as far as that can be: of what the caches may hold and do not,
/// then of what has been idle for longest.
void PoolState::make_room(std::size_t bytes, BlockList& too_many) noexcept {
    if (bytes <= room()) {
        return;
    }
    for (ThreadCache* cache = caches_; cache != nullptr; cache = cache->next_of_pool) {
        cache->set_credit(std::min(cache->credit(), cache->held()));
    }
    while (bytes > room()) {
        BlockList* with_oldest = nullptr;
        for (BlockList& shelf : shelves_) {
            if (!shelf.empty() &&
                (with_oldest == nullptr ||
                 shelf.oldest()->idle_since < with_oldest->oldest()->idle_since)) {
                with_oldest = &shelf;
            }
        }
        if (with_oldest == nullptr) {
            return;
        }
        PoolBlock* const block = with_oldest->pop_oldest();
        on_shelves_ -= block->counted;
        too_many.push_newest(block);
    }
}

void PoolState::collect_all(BlockList& blocks) noexcept {
    for (ThreadCache* cache = caches_; cache != nullptr; cache = cache->next_of_pool) {
        cache->steal(ThreadCache::Which::all, 0, blocks);
    }
    for (BlockList& shelf : shelves_) {
        while (!shelf.empty()) {
            blocks.push_newest(shelf.pop_newest());
        }
    }
    on_shelves_ = 0;
}

void PoolState::clear() noexcept {
    BlockList all;
    {
        const Lock lock(mutex_);
        collect_all(all);
    }
    release_all(all);
}

/// Finds what has been idle for too long. Nobody writes down when a block came into a thread's
/// cache: one that is seen there twice counts as idle since the second time.
void PoolState::look_around(Clock::time_point now, BlockList& aged, BlockList& old) noexcept {
    last_look_ = now;
    BlockList stolen;
    const auto which = options_.max_age == Clock::duration::zero()
                           ? ThreadCache::Which::all
                           : ThreadCache::Which::seen_before;
    for (ThreadCache* cache = caches_; cache != nullptr; cache = cache->next_of_pool) {
        cache->steal(which, 0, stolen);
    }
    while (!stolen.empty()) {
        PoolBlock* const block = stolen.pop_oldest();
        block->idle_since = now;
        lay_on_shelf(block);
    }
    for (BlockList& shelf : shelves_) {
        while (!shelf.empty() && now - shelf.oldest()->idle_since >= options_.max_age) {
            PoolBlock* const block = shelf.pop_oldest();
            on_shelves_ -= block->counted;
            (block->is_empty || block->committed == 0 ? old : aged).push_newest(block);
        }
    }
}

void PoolState::trim() noexcept {
    BlockList aged;
    BlockList old;
    {
        const Lock lock(mutex_);
        look_around(Clock::now(), aged, old);
    }
    empty_out(aged);
    release_all(old);
}

void PoolState::look_if_it_is_time() noexcept {
    bool is_time = false;
    {
        const Lock lock(mutex_);
        is_time = Clock::now() - last_look_ >= options_.max_age / 2 &&
                  options_.max_age != Clock::duration::zero();
    }
    if (is_time) {
        trim();
    }
}

/// Takes the memory of blocks away, of many by one system call, and keeps their addresses.
void PoolState::empty_out(BlockList& aged) noexcept {
    constexpr std::size_t at_once = 64;
    BlockList emptied;
    BlockList refused;
    while (!aged.empty()) {
        std::array<os::Range, at_once> ranges;
        BlockList batch;
        std::size_t count = 0;
        for (; count < at_once && !aged.empty(); ++count) {
            PoolBlock* const block = aged.pop_oldest();
            ranges[count] = {block->data, block->committed};
            batch.push_newest(block);
        }
        const bool is_done = os::decommit_all(std::span(ranges).first(count)).has_value();
        while (!batch.empty()) {
            PoolBlock* const block = batch.pop_oldest();
            block->counted = 0;
            block->is_empty = true;
            block->dirty = block->committed;
            (is_done ? emptied : refused).push_newest(block);
        }
    }
    release_all(refused);
    {
        const Lock lock(mutex_);
        while (!is_closed() && !emptied.empty()) {
            PoolBlock* const block = emptied.pop_newest();
            block->idle_since = last_look_;
            shelf_for(block->key).push_oldest(block);
        }
    }
    release_all(emptied);
}

// -- the rest -------------------------------------------------------------------------------------

void PoolState::attach(ThreadCache* cache) noexcept {
    references_.fetch_add(1, std::memory_order_relaxed);
    const Lock lock(mutex_);
    cache->next_of_pool = caches_;
    caches_ = cache;
}

void PoolState::detach(ThreadCache* cache) noexcept {
    BlockList left;
    {
        const Lock lock(mutex_);
        ThreadCache** link = &caches_;
        while (*link != cache) {
            link = &(*link)->next_of_pool;
        }
        *link = cache->next_of_pool;
        cache->steal(ThreadCache::Which::all, 0, left);
        reused_elsewhere_ += cache->times_taken();
        const Clock::time_point now = Clock::now();
        while (!is_closed() && !left.empty()) {
            PoolBlock* const block = left.pop_oldest();
            block->idle_since = now;
            lay_on_shelf(block);
        }
    }
    delete cache;
    release_all(left);
    unref();  // NOLINT(clang-analyzer-cplusplus.NewDelete): the last reference is this one.
}

PoolStatistics PoolState::statistics() noexcept {
    const Lock lock(mutex_);
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
