// SPDX-License-Identifier: MIT
// Threads and processes, as POSIX specifies them.
#include "os/process.hpp"
#include "os/heap.hpp"
#include "os/memory.hpp"
#include "os/posix/calls.hpp"

#include <pthread.h>
#include <sched.h>
#include <unistd.h>

#include <csignal>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <new>

#pragma GCC visibility push(hidden)

namespace memory_pages {
namespace {

// -- which process this is ------------------------------------------------------------------------

/// Memory that reads zero in a child: the number of this process, or 0 before it has one.
using Mark = std::atomic<std::uint32_t>;

/// Set once, before any mark is returned; `by_id` on systems without such memory.
constinit std::atomic<Mark*> the_mark{nullptr};
constinit Mark by_id{0};

constinit std::atomic<std::uint32_t> last_mark{0};

void drop_mark(Mark* mark) noexcept {
    if (mark != nullptr && mark != &by_id) {
        (void)::munmap(static_cast<void*>(mark), os::page_size());
    }
}

Mark* make_mark() noexcept {
#ifdef MADV_WIPEONFORK
    const std::size_t bytes = os::page_size();
    void* const page =
        ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) {
        return &by_id;
    }
    auto* const made = new (page) Mark(0);
    // Emulators that ignore all advice also accept invalid advice.
    if (::madvise(page, bytes, MADV_WIPEONFORK) == 0 && ::madvise(page, bytes, -1) != 0) {
        return made;
    }
    drop_mark(made);
#endif
    return &by_id;
}

Mark* first_mark() noexcept {
    const os::KeepErrno keep;
    Mark* const made = make_mark();
    Mark* known = nullptr;
    if (the_mark.compare_exchange_strong(known, made, std::memory_order_acq_rel)) {
        return made;
    }
    drop_mark(made);  // Another thread was faster.
    return known;
}

/// For a process without a number: larger than the numbers of all its ancestors.
std::uint32_t number(Mark& mark) noexcept {
    std::uint32_t none = 0;
    const std::uint32_t fresh = last_mark.fetch_add(1, std::memory_order_relaxed) + 1;
    return mark.compare_exchange_strong(none, fresh, std::memory_order_relaxed) ? fresh : none;
}

// -- values of threads ----------------------------------------------------------------------------

/// The value of one thread, later of another. All holders are in one lock-free list.
struct Holder {
    std::atomic<void*> value;
    Holder* next = nullptr;
    std::atomic<std::uint32_t> is_taken{1};  ///< 0 or 1: RISC-V exchanges no single bytes.
    std::atomic<std::uint32_t> ends_in{0};   ///< The process in which its thread is ending; else 0.
};

constinit std::atomic<Holder*> the_holders{nullptr};
constinit thread_local Holder* mine = nullptr;
constinit std::atomic<void (*)(void*)> the_end{nullptr};

/// One key for all threads, plus 1; 0 before a value is first set. `no_key` once this code is being
/// unloaded.
constexpr std::uintptr_t no_key = ~std::uintptr_t{0};
constinit std::atomic<std::uintptr_t> the_key{0};

/// The function of `os::on_unload`.
constinit std::atomic<void (*)() noexcept> the_last_act{nullptr};

/// Whether the loader runs `unload` next, not the end of the process.
constinit std::atomic<bool> can_be_unloaded{false};

/// `std::atexit` calls back before `unload` at the end of the process, and after it when the
/// library is unloaded.
void watch_exit() noexcept {
    if (std::atexit([] { can_be_unloaded.store(false, std::memory_order_relaxed); }) == 0) {
        can_be_unloaded.store(true, std::memory_order_relaxed);
    }
}

void end(Holder& holder) noexcept {
    if (void* const value = holder.value.exchange(nullptr, std::memory_order_acq_rel)) {
        the_end.load(std::memory_order_acquire)(value);
    }
}

void at_end_of_thread(void* of_thread) noexcept {
    Holder& holder = *static_cast<Holder*>(of_thread);
    holder.ends_in.store(os::process_mark(), std::memory_order_relaxed);
    mine = nullptr;
    end(holder);
    holder.is_taken.store(0, std::memory_order_relaxed);
    holder.ends_in.store(0, std::memory_order_release);
}

/// Makes the key if there is none. False: refused. Lock-free: a child process could find a lock
/// held forever.
bool make_key() noexcept {
    const std::uintptr_t known = the_key.load(std::memory_order_acquire);
    if (known != 0) {
        return known != no_key;
    }
    pthread_key_t fresh{};
    if (::pthread_key_create(&fresh, at_end_of_thread) != 0) {
        return false;
    }
    std::uintptr_t none = 0;
    if (!the_key.compare_exchange_strong(none, std::uintptr_t{fresh} + 1,
                                         std::memory_order_acq_rel)) {
        (void)::pthread_key_delete(fresh);  // Another thread was faster.
        return none != no_key;
    }
    watch_exit();
    return true;
}

/// A holder with this value for the calling thread; null if there is no memory.
Holder* hold(void* value) noexcept {
    Holder* first = the_holders.load(std::memory_order_acquire);
    for (Holder* holder = first; holder != nullptr; holder = holder->next) {
        if (holder->ends_in.load(std::memory_order_acquire) == 0 &&
            holder->is_taken.exchange(1, std::memory_order_acq_rel) == 0) {
            holder->value.store(value, std::memory_order_release);
            return holder;
        }
    }
    auto* const fresh = os::create<Holder>(value, first);
    while (fresh != nullptr &&
           !the_holders.compare_exchange_weak(fresh->next, fresh, std::memory_order_acq_rel)) {
    }
    return fresh;
}

/// Waits if the holder's thread is just ending.
void end_for_good(Holder* holder) noexcept {
    while (holder->ends_in.load(std::memory_order_acquire) == os::process_mark()) {
        (void)::sched_yield();
    }
    end(*holder);
    os::destroy(holder);
}

/// Runs when the library is unloaded and at the end of the process. At the end of the process other
/// threads may still use their values; an unloaded library has no users.
[[gnu::destructor]] void unload() noexcept {
    const std::uintptr_t key = the_key.exchange(no_key, std::memory_order_acq_rel);
    if (key != 0) {
        (void)::pthread_key_delete(static_cast<pthread_key_t>(key - 1));
    }
    if (!can_be_unloaded.load(std::memory_order_relaxed)) {
        return;
    }
    mine = nullptr;
    Holder* next = nullptr;
    for (Holder* holder = the_holders.exchange(nullptr); holder != nullptr; holder = next) {
        next = holder->next;
        end_for_good(holder);
    }
    if (auto* const act = the_last_act.load(std::memory_order_acquire)) {
        act();
    }
    drop_mark(the_mark.exchange(&by_id, std::memory_order_acq_rel));
}

}  // namespace

std::uint32_t os::process_mark() noexcept {
    Mark* mark = the_mark.load(std::memory_order_acquire);
    if (mark == nullptr) [[unlikely]] {
        mark = first_mark();
    }
    if (mark == &by_id) [[unlikely]] {
        return static_cast<std::uint32_t>(::getpid());
    }
    const std::uint32_t known = mark->load(std::memory_order_relaxed);
    return known != 0 ? known : number(*mark);
}

void os::on_unload(void (*act)() noexcept) noexcept {
    the_last_act.store(act, std::memory_order_release);
    watch_exit();
}

os::CancelLater::CancelLater() noexcept {
    (void)::pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before_);
}

os::CancelLater::~CancelLater() { (void)::pthread_setcancelstate(before_, nullptr); }

void os::without_signals(void (*start)(void*) noexcept, void* argument) noexcept {
    // A new thread inherits the signal mask of its creator.
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    (void)::pthread_sigmask(SIG_SETMASK, &all, &before);
    start(argument);
    (void)::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void* os::thread_value() noexcept {
    return mine == nullptr ? nullptr : mine->value.load(std::memory_order_relaxed);
}

bool os::set_thread_value(void* value, void (*at_end)(void*)) noexcept {
    if (mine != nullptr) {
        mine->value.store(value, std::memory_order_release);
        return true;
    }
    if (value == nullptr) {
        return true;
    }
    const KeepErrno keep;
    the_end.store(at_end, std::memory_order_release);
    Holder* const holder = make_key() ? hold(value) : nullptr;
    const std::uintptr_t key = the_key.load(std::memory_order_acquire);
    if (holder == nullptr || key == no_key ||
        ::pthread_setspecific(static_cast<pthread_key_t>(key - 1), holder) != 0) {
        if (holder != nullptr) {
            holder->value.store(nullptr, std::memory_order_relaxed);
            holder->is_taken.store(0, std::memory_order_release);
        }
        return false;
    }
    mine = holder;
    return true;
}

}  // namespace memory_pages

#pragma GCC visibility pop
