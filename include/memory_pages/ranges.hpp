// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Parts of pages, for verbs that take many ranges at once.

#include <cstddef>

namespace memory_pages {

/// A part of pages: `bytes` bytes from `offset` bytes after their start.
struct ByteRange {
    std::size_t offset = 0;
    std::size_t bytes = 0;
};

}  // namespace memory_pages
