// SPDX-License-Identifier: MIT
#include "pool/thread_cache.hpp"

#include "pool/state.hpp"

#include <algorithm>
#include <new>

namespace memory_pages::detail {

/// Those of one thread, one for each pool that it uses.
struct CachesOfThread {
    CachesOfThread() noexcept = default;
    CachesOfThread(const CachesOfThread&) = delete;
    CachesOfThread& operator=(const CachesOfThread&) = delete;
    ~CachesOfThread() {
        has_ended = true;
        ThreadCache::last_used = nullptr;
        while (first != nullptr) {
            drop(&first);
        }
    }

    /// Takes one out of the list, and gives what is in it to its pool.
    static void drop(ThreadCache** link) noexcept {
        ThreadCache* const cache = *link;
        *link = cache->next_of_thread_;
        cache->pool.detach(cache);
    }

    ThreadCache* first = nullptr;

    /// Pages may be given back later: by destructors of other objects of the thread, or after main.
    static constinit thread_local bool has_ended;
};

constinit thread_local ThreadCache* ThreadCache::last_used = nullptr;
constinit thread_local bool CachesOfThread::has_ended = false;

ThreadCache* ThreadCache::find(PoolState& pool) noexcept {
    static thread_local CachesOfThread mine;
    if (CachesOfThread::has_ended) {
        return nullptr;
    }
    last_used = nullptr;
    ThreadCache* found = nullptr;
    for (ThreadCache** link = &mine.first; *link != nullptr;) {
        if ((*link)->pool.is_closed()) {
            CachesOfThread::drop(link);
            continue;
        }
        if (&(*link)->pool == &pool) {
            found = *link;
        }
        link = &(*link)->next_of_thread_;
    }
    if (found == nullptr && !pool.is_closed()) {
        found = new (std::nothrow) ThreadCache(pool);
        if (found != nullptr) {
            found->next_of_thread_ = mine.first;
            mine.first = found;
            pool.attach(found);
        }
    }
    last_used = found;
    return found;
}

void ThreadCache::steal(Which which, std::size_t key, BlockList& stolen) noexcept {
    std::size_t bytes = 0;
    for (Slot& slot : slots_) {
        if (which == Which::of_key && slot.key.load(std::memory_order_relaxed) != key) {
            continue;
        }
        if (which == Which::seen_before && slot.is_new.exchange(false, std::memory_order_relaxed)) {
            continue;
        }
        PoolBlock* const block = empty_out(slot);
        if (block == nullptr) {
            continue;
        }
        bytes += block->counted;
        stolen.push_newest(block);
        if (which == Which::of_key) {
            break;
        }
    }
    stolen_ += bytes;
    set_credit(credit() - std::min(credit(), bytes));
}

}  // namespace memory_pages::detail
