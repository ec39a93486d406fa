// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// From a failed system call of Linux to an answer of ours.

#include "linux_limits.hpp"
#include "os.hpp"

#include <cerrno>

#pragma GCC visibility push(hidden)

namespace memory_pages::os {

[[nodiscard]] inline std::unexpected<std::error_code> refused(Growth wanted = {}) noexcept {
    return std::unexpected(refusal(errno, wanted));
}

[[nodiscard]] inline Result<void> done_or_refused(int result, Growth wanted = {}) noexcept {
    if (result != 0) {
        return refused(wanted);
    }
    return {};
}

/// Whether errno says that this kernel, or a filter before it, does not know the call.
[[nodiscard]] inline bool is_unknown_call() noexcept {
    return errno == EINVAL || errno == ENOSYS || errno == EPERM || errno == EBADF;
}

}  // namespace memory_pages::os

#pragma GCC visibility pop
