// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// What the files of Linux ask each other about guards, and about what may be touched.

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstddef>

#pragma GCC visibility push(hidden)

namespace memory_pages::os {

/// Whether pages can be marked as guards. Found out by trying.
[[nodiscard]] bool can_mark_guards() noexcept;

/// Whether a page may be read, found out without a fault: the kernel reads from it with the user's
/// permissions. Blocking an empty set of signals reads one and changes nothing.
[[nodiscard]] inline bool can_be_read(const std::byte* page) noexcept {
    return ::syscall(SYS_rt_sigprocmask, SIG_BLOCK, page, nullptr, _NSIG / 8) == 0 ||
           errno != EFAULT;
}

}  // namespace memory_pages::os

#pragma GCC visibility pop
