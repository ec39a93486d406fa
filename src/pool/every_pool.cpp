// SPDX-License-Identifier: MIT
#include "pool/every_pool.hpp"

#include "os/os.hpp"

#include <mutex>

namespace memory_pages::detail {
namespace {

constinit PoolState* first = nullptr;

/// Never destroyed: pools may be static objects.
std::mutex& mutex() noexcept {
    static auto* const the_mutex = new std::mutex;
    return *the_mutex;
}

}  // namespace

void EveryPool::add(PoolState* pool) noexcept {
    static const bool is_told = [] {
        os::on_fork(lock_all, unlock_all);
        return true;
    }();
    (void)is_told;
    const std::lock_guard lock(mutex());
    pool->next_ = first;
    if (first != nullptr) {
        first->previous_ = pool;
    }
    first = pool;
}

void EveryPool::remove(PoolState* pool) noexcept {
    const std::lock_guard lock(mutex());
    (pool->previous_ == nullptr ? first : pool->previous_->next_) = pool->next_;
    if (pool->next_ != nullptr) {
        pool->next_->previous_ = pool->previous_;
    }
}

void EveryPool::lock_all() noexcept {
    mutex().lock();
    for (PoolState* pool = first; pool != nullptr; pool = pool->next_) {
        pool->mutex_.lock();
    }
}

void EveryPool::unlock_all() noexcept {
    for (PoolState* pool = first; pool != nullptr; pool = pool->next_) {
        pool->mutex_.unlock();
    }
    mutex().unlock();
}

}  // namespace memory_pages::detail
