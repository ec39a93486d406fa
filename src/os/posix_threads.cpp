// SPDX-License-Identifier: MIT
// What POSIX says of threads and of processes: the same on each of its systems.
#include "os.hpp"
#include "posix.hpp"

#include <pthread.h>

#include <atomic>
#include <optional>

#pragma GCC visibility push(hidden)

namespace memory_pages {
namespace {

/// One key for all threads, made when a value is first set; none if there are too many.
std::optional<pthread_key_t> the_key(void (*at_end)(void*)) noexcept {
    static const auto key = [at_end]() noexcept -> std::optional<pthread_key_t> {
        pthread_key_t fresh{};
        return ::pthread_key_create(&fresh, at_end) == 0 ? std::optional(fresh) : std::nullopt;
    }();
    return key;
}

/// Whether a value was ever set.
constinit std::atomic<bool> is_there{false};

}  // namespace

void os::on_fork(void (*before)() noexcept, void (*after)() noexcept) noexcept {
    (void)::pthread_atfork(before, after, after);
}

void* os::thread_value() noexcept {
    if (!is_there.load(std::memory_order_acquire)) {
        return nullptr;
    }
    const std::optional<pthread_key_t> key = the_key(nullptr);
    return key ? ::pthread_getspecific(*key) : nullptr;
}

bool os::set_thread_value(void* value, void (*at_end)(void*)) noexcept {
    const KeepErrno keep;
    const std::optional<pthread_key_t> key = the_key(at_end);
    if (!key || ::pthread_setspecific(*key, value) != 0) {
        return false;
    }
    is_there.store(true, std::memory_order_release);
    return true;
}

}  // namespace memory_pages

#pragma GCC visibility pop
