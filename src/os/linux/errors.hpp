// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// The errors of Linux system calls as errors of the library. The kernel only says ENOMEM; this
/// finds out which limit was reached.

#include "os/types.hpp"

#include <cerrno>
#include <cstddef>
#include <optional>

#pragma GCC visibility push(hidden)

namespace memory_pages::os {

/// What a refused call would have added to the process.
struct Growth {
    std::size_t address_space = 0;  ///< Bytes of new mappings.
    std::size_t data = 0;           ///< Bytes that become writable.
    std::size_t charge = 0;         ///< Bytes newly counted against the commit limit.
};

/// What a mapping of `bytes` bytes adds, in this much address space.
[[nodiscard]] inline Growth growth_by(std::size_t bytes, std::size_t address_space, Access access,
                                      Charge charge) noexcept {
    const std::size_t data = allows(access, Access::write) ? bytes : 0;
    return {.address_space = address_space,
            .data = data,
            .charge = charge == Charge::charged ? data : 0};
}

/// The error for `error`, an errno value. ENOMEM and EAGAIN are refined if a limit is found to be
/// reached. Allocates nothing.
[[nodiscard]] Error refusal(int error, Growth wanted) noexcept;

/// The bytes of all mappings of this process, and of its data and stack; nothing without /proc.
[[nodiscard]] std::optional<std::size_t> address_space_in_use() noexcept;
[[nodiscard]] std::optional<std::size_t> data_in_use() noexcept;

/// `vm.max_map_count`; nothing if it cannot be read.
[[nodiscard]] std::optional<std::size_t> map_count_limit() noexcept;

/// `vm.overcommit_memory` (proc(5)): 0 refuses obvious overcommits, 1 nothing, 2 what exceeds the
/// commit limit. Nothing if it cannot be read.
[[nodiscard]] std::optional<std::size_t> overcommit_mode() noexcept;

[[nodiscard]] inline std::unexpected<Error> refused(Growth wanted = {}) noexcept {
    return std::unexpected(refusal(errno, wanted));
}

[[nodiscard]] inline Result<void> done_or_refused(int result, Growth wanted = {}) noexcept {
    if (result != 0) {
        return refused(wanted);
    }
    return {};
}

/// Whether errno says that this kernel, or a seccomp filter, does not support the call.
[[nodiscard]] inline bool is_unknown_call() noexcept {
    return errno == EINVAL || errno == ENOSYS || errno == EPERM || errno == EBADF;
}

}  // namespace memory_pages::os

#pragma GCC visibility pop
