// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// What the files of Linux ask each other about huge pages.

#pragma GCC visibility push(hidden)

namespace memory_pages::os {

/// Whether one huge page can be made of ordinary ones that are filled. Found out by trying.
[[nodiscard]] bool can_collapse() noexcept;

}  // namespace memory_pages::os

#pragma GCC visibility pop
