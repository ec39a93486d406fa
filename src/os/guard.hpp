// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Guards: touching them faults, whatever the permissions of the pages around them.

#include "os/types.hpp"

#include <cstddef>

namespace memory_pages::detail {

/// How a guard is made.
enum class GuardMethod {
    /// A marker in the page table, on a page in use. `protect`, `decommit`, `discard` and `advise`,
    /// also for many ranges, skip it. Other verbs, except `unguard` and `release`, must not be
    /// called for it.
    page_table_marker,
    /// A page taken out of use. Only `unguard` and `release` may be called for it.
    inaccessible_page,
};

}  // namespace memory_pages::detail

#pragma GCC visibility push(hidden)

namespace memory_pages::os {

using detail::GuardMethod;

/// Makes committed pages of a reservation guards. `access` is their access, and none of them is a
/// guard. Their contents are lost, and their memory is given back. On failure they keep their
/// access, and after a `PageError::map_count_limit` also their contents.
[[nodiscard]] Result<GuardMethod> guard(std::byte* base, std::size_t bytes, Access access) noexcept;

/// Makes guards pages with this access; contents are indeterminate. `method`: how they were made;
/// `page_table_marker` only if all of them were, and the access of their pages is unchanged since
/// or was changed by `protect`. On failure they are still guards.
[[nodiscard]] Result<void> unguard(std::byte* base, std::size_t bytes, Access access,
                                   GuardMethod method) noexcept;

/// Whether the number of guards has no limit: none of them splits a mapping.
[[nodiscard]] bool can_make_many_guards() noexcept;

}  // namespace memory_pages::os

#pragma GCC visibility pop
