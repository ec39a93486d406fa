// SPDX-License-Identifier: MIT
// What POSIX says of threads and of processes: the same on each of its systems.
#include "os.hpp"
#include "posix.hpp"

#include <pthread.h>

#include <atomic>
#include <cstdint>

#pragma GCC visibility push(hidden)

namespace memory_pages {
namespace {

/// One key for all threads, made when a value is first set: it and 1, 0 before that.
constinit std::atomic<std::uintptr_t> the_key{0};

/// Whether there is one, made now if need be. No lock is held that a child of this process could
/// find held for ever.
bool make_key(void (*at_end)(void*)) noexcept {
    if (the_key.load(std::memory_order_acquire) != 0) {
        return true;
    }
    pthread_key_t fresh{};
    if (::pthread_key_create(&fresh, at_end) != 0) {
        return false;
    }
    std::uintptr_t none = 0;
    if (!the_key.compare_exchange_strong(none, std::uintptr_t{fresh} + 1,
                                         std::memory_order_acq_rel)) {
        (void)::pthread_key_delete(fresh);  // Another thread was first.
    }
    return true;
}

pthread_key_t key() noexcept {
    return static_cast<pthread_key_t>(the_key.load(std::memory_order_acquire) - 1);
}

}  // namespace

void os::on_fork(void (*before)() noexcept, void (*after)() noexcept) noexcept {
    (void)::pthread_atfork(before, after, after);
}

void* os::thread_value() noexcept {
    return the_key.load(std::memory_order_acquire) == 0 ? nullptr : ::pthread_getspecific(key());
}

bool os::set_thread_value(void* value, void (*at_end)(void*)) noexcept {
    const KeepErrno keep;
    return make_key(at_end) && ::pthread_setspecific(key(), value) == 0;
}

}  // namespace memory_pages

#pragma GCC visibility pop
