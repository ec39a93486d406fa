// SPDX-License-Identifier: MIT
#include "os/macos/code.hpp"
#include "os/code.hpp"
#include "os/macos/calls.hpp"
#include "os/memory.hpp"
#include "os/posix/calls.hpp"

#include <libkern/OSCacheControl.h>
#include <mach/mach.h>
#include <pthread.h>
#include <sys/mman.h>

#include <cstdint>

extern "C" {  // Apple's header lacks this.
#include <mach/thread_state.h>
}

#pragma GCC visibility push(hidden)

namespace memory_pages {
namespace {

using os::madvise_again;
using os::synchronize_threads;

/// The state of this thread's switch: whether it may write to pages with MAP_JIT, or execute them.
thread_local bool is_writing = false;

void set_writing(bool wanted) noexcept {
    if (::pthread_jit_write_protect_supported_np() != 0) {
        ::pthread_jit_write_protect_np(wanted ? 0 : 1);
        is_writing = wanted;
    }
}

/// Publishes code, and marks its pages as in use again: see `decommit`.
os::Result<void> prepare_for_execution(std::byte* base, std::size_t bytes, Publish code) noexcept {
    const std::size_t before = reinterpret_cast<std::uintptr_t>(base) % os::page_size();
    const std::size_t pages =
        (before + bytes + os::page_size() - 1) / os::page_size() * os::page_size();
    (void)madvise_again(base - before, pages, MADV_FREE_REUSE);
    ::sys_icache_invalidate(base, bytes);
    return code == Publish::not_yet_run ? os::Result<void>() : synchronize_threads();
}

}  // namespace

os::Writing::Writing() noexcept : before_(is_writing) { set_writing(true); }
os::Writing::~Writing() { set_writing(before_); }

// sys_icache_invalidate reaches the caches of every processor (cache(3)), but only the calling
// thread executes an instruction barrier. So this stops every other thread for a moment: reading
// its registers makes it leave its processor (xnu, thread_get_state), and resuming it is a barrier.
// The buffer has no length, so nothing is stored, and the call returns
// KERN_INSUFFICIENT_BUFFER_SIZE.
os::Result<void> os::synchronize_threads() noexcept {
    thread_act_array_t threads = nullptr;
    mach_msg_type_number_t count = 0;
    if (::task_threads(mach_task_self(), &threads, &count) != KERN_SUCCESS) {
        return not_supported();
    }
    bool is_done = true;
    for (mach_msg_type_number_t i = 0; i < count; ++i) {
        std::uintptr_t stack = 0;
        std::size_t length = 0;
        const kern_return_t answer =
            ::thread_get_register_pointer_values(threads[i], &stack, &length, nullptr);
        // A thread that has ended since needs no barrier.
        is_done =
            is_done && (answer == KERN_INSUFFICIENT_BUFFER_SIZE || answer == KERN_TERMINATED ||
                        answer == KERN_INVALID_ARGUMENT || answer == MACH_SEND_INVALID_DEST);
        (void)::mach_port_deallocate(mach_task_self(), threads[i]);
    }
    (void)::vm_deallocate(mach_task_self(), reinterpret_cast<vm_address_t>(threads),
                          count * sizeof(*threads));
    return is_done ? os::Result<void>() : os::Result<void>(not_supported());
}

os::Result<void> os::make_executable(std::byte* base, std::size_t bytes, Access /*from*/,
                                     Access to) noexcept {
    const KeepErrno keep;
    if (os::Result<void> done = protect(base, bytes, to); !done) {
        return done;
    }
    // Not before: executable pages are readable here, and invalidating reads them.
    return prepare_for_execution(base, bytes, Publish::may_have_run);
}

os::Result<void> os::publish(std::byte* base, std::size_t bytes, Publish code) noexcept {
    const KeepErrno keep;
    return prepare_for_execution(base, bytes, code);
}

void os::begin_writing() noexcept { set_writing(true); }
void os::end_writing() noexcept { set_writing(false); }

bool os::can_publish() noexcept {
    const KeepErrno keep;
    return synchronize_threads().has_value();
}

}  // namespace memory_pages

#pragma GCC visibility pop
