// SPDX-License-Identifier: MIT
// futex(2): `std::atomic::wait` would need the C++ run-time library.
#include "os/posix/calls.hpp"
#include "os/process.hpp"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#pragma GCC visibility push(hidden)

namespace memory_pages {

static_assert(sizeof(std::atomic<std::uint32_t>) == sizeof(std::uint32_t));

void os::wait_while(std::atomic<std::uint32_t>& word, std::uint32_t value) noexcept {
    const KeepErrno keep;
    (void)::syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, value, nullptr);
}

void os::wake_one(std::atomic<std::uint32_t>& word) noexcept {
    const KeepErrno keep;
    (void)::syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1);
}

}  // namespace memory_pages

#pragma GCC visibility pop
