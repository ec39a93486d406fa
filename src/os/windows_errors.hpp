// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// What the error numbers of Windows mean.

#include <system_error>

#pragma GCC visibility push(hidden)

namespace memory_pages::os {

/// The error code for what `GetLastError` says of a refused call. Allocates nothing.
[[nodiscard]] std::error_code refusal(unsigned long error) noexcept;

/// The same for a call that asked for large pages.
[[nodiscard]] std::error_code refusal_of_large_pages(unsigned long error) noexcept;

/// Whether the same call may be granted in a moment: while the page file grows, memory is refused.
[[nodiscard]] bool may_pass(unsigned long error) noexcept;

}  // namespace memory_pages::os

#pragma GCC visibility pop
