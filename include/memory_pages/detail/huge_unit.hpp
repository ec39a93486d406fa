// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// The size of huge pages where they are preferred.

#include <cstddef>

namespace memory_pages::detail {

/// Bytes in the system's transparent huge pages; 0 if it has none, or if they are too large for a
/// default (more than 32 MiB).
[[nodiscard]] std::size_t preferred_huge_page_size() noexcept;

}  // namespace memory_pages::detail
