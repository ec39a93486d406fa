// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Advice, as Linux calls it.

#include "os.hpp"

#pragma GCC visibility push(hidden)

namespace memory_pages::os {

/// For madvise(2); what no kernel knows if it is none.
[[nodiscard]] int native(Advice advice) noexcept;

}  // namespace memory_pages::os

#pragma GCC visibility pop
