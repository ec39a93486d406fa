// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// What huge pages cost at most where they are only preferred.

#include <cstddef>

namespace memory_pages::detail {

/// Bytes in the huge pages that the system builds from ordinary ones when told to, 0 where it
/// builds none, or none of a size that one may take unasked.
[[nodiscard]] std::size_t preferred_huge_page_size() noexcept;

}  // namespace memory_pages::detail
