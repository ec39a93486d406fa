// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Which limit stood behind a refusal of the Linux kernel, which itself only says ENOMEM.

#include <cstddef>
#include <optional>
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

/// Bytes of all mappings of this process, and of those among them that are data or stack; nothing
/// where there is no /proc.
[[nodiscard]] std::optional<std::size_t> address_space_in_use() noexcept;
[[nodiscard]] std::optional<std::size_t> data_in_use() noexcept;

/// `vm.max_map_count`; 0 where that cannot be read.
[[nodiscard]] std::size_t map_count_limit() noexcept;

/// `vm.overcommit_memory` (proc(5)): 0 refuses what could never be there, 1 nothing, 2 whatever
/// could not be kept for sure.
[[nodiscard]] std::size_t overcommit_mode() noexcept;

}  // namespace memory_pages::os

#pragma GCC visibility pop
