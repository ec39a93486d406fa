// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Queries about huge pages that the files of Linux share.

#include <memory_pages/memory_limits.hpp>

#include <optional>

#pragma GCC visibility push(hidden)

namespace memory_pages::os {

/// The policy for transparent huge pages; nothing if it cannot be read.
[[nodiscard]] std::optional<TransparentHugePages> transparent_huge_pages() noexcept;

}  // namespace memory_pages::os

#pragma GCC visibility pop
