// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// The process and its threads.

#include <atomic>
#include <cstdint>

#pragma GCC visibility push(hidden)

namespace memory_pages::os {

/// While one exists, cancellation of the calling thread is deferred: verbs are `noexcept`, so a
/// cancellation must not unwind them. Only code that waits, or calls the C library's I/O, needs
/// one.
class CancelLater {
public:
    CancelLater() noexcept;
    CancelLater(const CancelLater&) = delete;
    CancelLater& operator=(const CancelLater&) = delete;
    ~CancelLater();

private:
    [[maybe_unused]] int before_ = 0;  // A fake system may have no cancellation.
};

/// Calls `start`. Threads that it starts run no signal handlers of the program.
void without_signals(void (*start)(void*) noexcept, void* argument) noexcept;

/// Not 0, and different in each process forked from this one, even before its fork handlers run.
/// Processes that share their memory have the same mark. Cheap.
[[nodiscard]] std::uint32_t process_mark() noexcept;

/// Blocks while `word` has this value, until `wake_one`. May return early.
void wait_while(std::atomic<std::uint32_t>& word, std::uint32_t value) noexcept;
/// Wakes one thread that waits for another value of `word`. The caller has changed `word` already.
void wake_one(std::atomic<std::uint32_t>& word) noexcept;

/// Registers `act` to be called when this code is unloaded from a process that goes on: nothing
/// uses it any more. Not at the end of the process. Every call passes the same function.
void on_unload(void (*act)() noexcept) noexcept;

/// A pointer of the calling thread; null at first.
[[nodiscard]] void* thread_value() noexcept;

/// Sets the pointer. If it is not null when the thread ends, it becomes null, and `at_end` (the
/// same in every call) is called with it: after the thread's objects are destroyed, if the system
/// allows it. Not for the thread that ends the process. When this code is unloaded, `at_end` is
/// called with the values of all threads, before the function of `on_unload`, and from then on no
/// value can be set. False: refused, nothing has changed.
[[nodiscard]] bool set_thread_value(void* value, void (*at_end)(void*)) noexcept;

}  // namespace memory_pages::os

#pragma GCC visibility pop
