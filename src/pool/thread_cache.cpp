// SPDX-License-Identifier: MIT
#include "pool/thread_cache.hpp"

#include "os/process.hpp"
#include "pool/state.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <new>
#include <span>
#include <utility>

namespace memory_pages::detail {

constinit thread_local ThreadCache* ThreadCache::last_used = nullptr;

/// The caches of one thread, one for each pool that it uses: the value of `os::thread_value`. A
/// hash table by pool.
struct CachesOfThread {
    CachesOfThread() noexcept = default;
    CachesOfThread(const CachesOfThread&) = delete;
    CachesOfThread& operator=(const CachesOfThread&) = delete;
    ~CachesOfThread() {
        if (table != few.data()) {
            delete[] table;
        }
    }

    /// Called at the end of a thread. Pages that it returns later get new caches.
    static void drop_all(void* value) noexcept {
        auto* const caches = static_cast<CachesOfThread*>(value);
        ThreadCache::last_used = nullptr;
        caches->drop([](const PoolState&) { return true; });
        delete caches;
    }

    /// The caches of the calling thread; null if there is no memory, or the value cannot be set.
    static CachesOfThread* mine() noexcept {
        auto* caches = static_cast<CachesOfThread*>(os::thread_value());
        if (caches == nullptr) {
            caches = new (std::nothrow) CachesOfThread;
            if (caches != nullptr && !os::set_thread_value(caches, drop_all)) {
                delete caches;
                caches = nullptr;
            }
        }
        return caches;
    }

    ThreadCache** place_of(const PoolState& pool) noexcept {
        constexpr std::uint64_t golden = 0x9e3779b97f4a7c15;
        const std::uint64_t address = reinterpret_cast<std::uintptr_t>(&pool);
        return table + ((address * golden >> 32) & (places - 1));
    }
    ThreadCache* find(const PoolState& pool) noexcept {
        ThreadCache* cache = *place_of(pool);
        while (cache != nullptr && &cache->pool != &pool) {
            cache = cache->next_of_thread_;
        }
        return cache;
    }
    void link(ThreadCache* cache) noexcept {
        ThreadCache** const place = place_of(cache->pool);
        cache->next_of_thread_ = *place;
        *place = cache;
    }

    /// Adds a cache; null if there is no memory.
    ThreadCache* add(PoolState& pool) noexcept {
        auto* const cache = new (std::nothrow) ThreadCache(pool);
        if (cache != nullptr) {
            if (++count > places) {
                grow();
            }
            link(cache);
            pool.attach(cache);
        }
        return cache;
    }
    void grow() noexcept {
        auto** const larger = new (std::nothrow) ThreadCache*[2 * places]{};
        if (larger == nullptr) {
            return;
        }
        ThreadCache** const old = std::exchange(table, larger);
        const std::size_t old_places = std::exchange(places, 2 * places);
        for (ThreadCache* cache : std::span(old, old_places)) {
            while (cache != nullptr) {
                link(std::exchange(cache, cache->next_of_thread_));
            }
        }
        if (old != few.data()) {
            delete[] old;
        }
    }

    /// Removes the caches of the pools for which `which` is true, and gives their blocks to the
    /// pools.
    template <class Pools>
    void drop(Pools which) noexcept {
        for (ThreadCache*& first : std::span(table, places)) {
            for (ThreadCache** at = &first; *at != nullptr;) {
                ThreadCache* const cache = *at;
                if (!which(cache->pool)) {
                    at = &cache->next_of_thread_;
                    continue;
                }
                *at = cache->next_of_thread_;
                --count;
                cache->pool.detach(cache);
            }
        }
    }

    std::array<ThreadCache*, 8> few{};
    ThreadCache** table = few.data();
    std::size_t places = few.size();
    std::size_t count = 0;
};

ThreadCache* ThreadCache::find(PoolState& pool) noexcept {
    CachesOfThread* const mine = CachesOfThread::mine();
    if (mine == nullptr) {
        return nullptr;
    }
    last_used = nullptr;
    ThreadCache* found = mine->find(pool);
    if (found == nullptr || pool.is_closed()) {
        mine->drop([](const PoolState& other) { return other.is_closed(); });
        found = pool.is_closed() ? nullptr : mine->add(pool);
    }
    last_used = found;
    return found;
}

void ThreadCache::look_at_clock() noexcept {
    constexpr unsigned most = 128;
    constexpr auto seldom = std::chrono::microseconds(16);  // Much longer than reading the clock.
    const Clock::time_point now = Clock::now();
    const bool is_busy = now - now_ < puts_in_a_row_ * seldom;
    puts_in_a_row_ = is_busy ? std::min(2 * puts_in_a_row_, most) : 1;
    puts_left_ = puts_in_a_row_;
    now_ = now;
    pool.look_if_it_is_time(now);
}

/// The block of a slot if it has been idle since `latest` or longer. If the owner replaces it
/// meanwhile, the new block counts as idle for longer than it is, never for less.
PoolBlock* ThreadCache::steal(Slot& slot, Clock::time_point latest) noexcept {
    const Clock::time_point since = slot.idle_since.load(std::memory_order_acquire);
    PoolBlock* const block = since > latest ? nullptr : take_out_of(slot);
    if (block != nullptr) {
        block->idle_since = since;
        set_credit(credit() - std::min(credit(), block->committed));
    }
    return block;
}

void ThreadCache::steal_idle_since(Clock::time_point latest, BlocksByAge& stolen) noexcept {
    for (Slot& slot : slots_) {
        if (PoolBlock* const block = steal(slot, latest)) {
            stolen.push_newest(block);
        }
    }
}

PoolBlock* ThreadCache::steal_one(std::size_t key) noexcept {
    for (Slot& slot : slots_) {
        if (slot.key.load(std::memory_order_relaxed) == key) {
            if (PoolBlock* const block = steal(slot, Clock::time_point::max())) {
                return block;
            }
        }
    }
    return nullptr;
}

}  // namespace memory_pages::detail
