// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// The meaning of Windows error codes.

#include "os/types.hpp"

#pragma GCC visibility push(hidden)

namespace memory_pages::os {

/// The error for the `GetLastError` code of a refused call. Allocates nothing.
[[nodiscard]] Error refusal(unsigned long error) noexcept;

/// The same for a call that requested large pages.
[[nodiscard]] Error refusal_of_large_pages(unsigned long error) noexcept;

/// Whether the same call may succeed in a moment: memory is refused while the page file grows.
[[nodiscard]] bool may_pass(unsigned long error) noexcept;

}  // namespace memory_pages::os

#pragma GCC visibility pop
