// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Huge pages: those of the system's pool, and transparent ones.

#include "os/types.hpp"

#include <memory_pages/huge_pages.hpp>

#include <cstddef>

#pragma GCC visibility push(hidden)

namespace memory_pages::os {

/// 0 if the system has none.
[[nodiscard]] std::size_t huge_page_size() noexcept;
/// The size of transparent huge pages; 0 if the system has none.
[[nodiscard]] std::size_t transparent_huge_page_size() noexcept;

[[nodiscard]] bool is_supported(HugePages policy) noexcept;

/// `map` of whole huge pages of the system's pool. They are charged. `PageError::huge_page_limit`:
/// too few are left.
[[nodiscard]] Result<std::byte*> map_huge(std::size_t bytes, std::size_t alignment,
                                          Access access) noexcept;

/// Allows (`prefer`) or forbids (`never`) transparent huge pages from now on. A hint: nothing
/// changes where they are not possible. False: refused, and an earlier hint may still hold.
bool set_huge_pages(std::byte* base, std::size_t bytes, HugePages policy) noexcept;

/// Makes huge pages of existing pages, as far as whole ones fit; contents are kept.
/// `operation_not_supported`: the system cannot, or the policy of these pages is `never`.
[[nodiscard]] Result<void> collapse(std::byte* base, std::size_t bytes) noexcept;

/// Whether `collapse` is supported.
[[nodiscard]] bool can_collapse() noexcept;

}  // namespace memory_pages::os

#pragma GCC visibility pop
