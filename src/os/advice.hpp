// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Advice about the use of pages.

#include "os/types.hpp"

#include <memory_pages/advice.hpp>

#include <cstddef>
#include <span>

#pragma GCC visibility push(hidden)

namespace memory_pages::os {

/// Contents never change. Advice that the system does not support is ignored; see `is_supported`.
[[nodiscard]] Result<void> advise(std::byte* base, std::size_t bytes, Advice advice) noexcept;
[[nodiscard]] bool is_supported(Advice advice) noexcept;

/// `advise` for many ranges, in as few system calls as possible. On failure some may be done.
[[nodiscard]] Result<void> advise_all(std::span<const Range> ranges, Advice advice) noexcept;

}  // namespace memory_pages::os

#pragma GCC visibility pop
