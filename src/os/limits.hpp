// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Limits of this process.

#include <memory_pages/memory_limits.hpp>

#include <cstddef>
#include <optional>

#pragma GCC visibility push(hidden)

namespace memory_pages::os {

/// The current limits of this process. What the system does not report is empty.
[[nodiscard]] MemoryLimits memory_limits() noexcept;
/// The limit on the address space of this process, if there is one. Read at every reservation of a
/// vector, so it must be cheap.
[[nodiscard]] std::optional<std::size_t> address_space_limit() noexcept;

/// Whether the system refuses memory that it may not be able to provide.
[[nodiscard]] bool has_commit_limit() noexcept;

/// Whether pages can be mapped without counting against the commit limit.
[[nodiscard]] bool can_map_uncharged() noexcept;

}  // namespace memory_pages::os

#pragma GCC visibility pop
