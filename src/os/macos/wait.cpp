// SPDX-License-Identifier: MIT
// The system call for this is private, so this uses the C++ library, which calls it.
#include "os/posix/calls.hpp"
#include "os/process.hpp"

#pragma GCC visibility push(hidden)

namespace memory_pages {

void os::wait_while(std::atomic<std::uint32_t>& word, std::uint32_t value) noexcept {
    const KeepErrno keep;
    word.wait(value, std::memory_order_relaxed);
}

void os::wake_one(std::atomic<std::uint32_t>& word) noexcept {
    const KeepErrno keep;
    word.notify_one();
}

}  // namespace memory_pages

#pragma GCC visibility pop
