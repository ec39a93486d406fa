// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Which limit stood behind a refusal of the Linux kernel, which itself only says ENOMEM.

#include <cstddef>
#include <string_view>
#include <system_error>

#pragma GCC visibility push(hidden)

namespace memory_pages::os {

/// What a refused call would have added to the process.
struct Growth {
    std::size_t address_space = 0;  ///< Bytes of new mappings.
    std::size_t data = 0;           ///< Bytes that become writable.
    std::size_t charge = 0;         ///< Bytes newly counted against the commit limit.
};

/// The error code for `error`, an errno value; ENOMEM and EAGAIN are refined where a limit is seen
/// to be reached. Allocates nothing.
[[nodiscard]] std::error_code refusal(int error, Growth wanted) noexcept;

/// The number that a file of the kernel's begins with; 0 where there is none.
[[nodiscard]] std::size_t number_in(const char* path) noexcept;

/// Whether a file of the kernel's, of one line, holds this.
[[nodiscard]] bool says(const char* path, std::string_view what) noexcept;

/// `vm.overcommit_memory` (proc(5)): 0 refuses what could never be there, 1 nothing, 2 whatever
/// could not be kept for sure.
[[nodiscard]] std::size_t overcommit_mode() noexcept;

}  // namespace memory_pages::os

#pragma GCC visibility pop
