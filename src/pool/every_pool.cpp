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

/// Told when the program starts: later, one thread may make a child while another tells it.
[[maybe_unused]] const bool forks_are_watched = [] {
    (void)mutex();
    os::on_fork(EveryPool::lock_all, EveryPool::unlock_all);
    return true;
}();

}  // namespace

void EveryPool::add(PoolState* pool) noexcept {
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
