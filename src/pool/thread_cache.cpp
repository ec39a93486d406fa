// SPDX-License-Identifier: MIT
#include "pool/thread_cache.hpp"

#include "os/os.hpp"
#include "pool/state.hpp"

#include <algorithm>
#include <new>

namespace memory_pages::detail {

constinit thread_local ThreadCache* ThreadCache::last_used = nullptr;

/// Those of one thread, one for each pool that it uses: what `os::thread_value` is.
struct CachesOfThread {
    /// Takes one out, and gives what is in it to its pool.
    static void drop(ThreadCache** link) noexcept {
        ThreadCache* const cache = *link;
        *link = cache->next_of_thread_;
        cache->pool.detach(cache);
    }

    /// At the end of a thread. Whoever gives pages back even later makes it others.
    static void drop_all(void* value) noexcept {
        auto* const caches = static_cast<CachesOfThread*>(value);
        ThreadCache::last_used = nullptr;
        while (caches->first != nullptr) {
            drop(&caches->first);
        }
        delete caches;
    }

    /// The calling thread's; none where there is no memory or no room for them.
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

    ThreadCache* first = nullptr;
};

ThreadCache* ThreadCache::find(PoolState& pool) noexcept {
    CachesOfThread* const mine = CachesOfThread::mine();
    if (mine == nullptr) {
        return nullptr;
    }
    last_used = nullptr;
    ThreadCache* found = nullptr;
    for (ThreadCache** link = &mine->first; *link != nullptr;) {
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
            found->next_of_thread_ = mine->first;
            mine->first = found;
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
        if (which == Which::seen_before && slot.is_new.load(std::memory_order_relaxed)) {
            slot.is_new.store(false, std::memory_order_relaxed);
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
