// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// The limits of control groups, of the process's own group and its ancestors: cgroups(7), the
/// kernel's admin-guide/cgroup-v2 and cgroup-v1 (memory, hugetlb). Tests pass a `root` other than
/// "", a directory with replacements of the system's files.

#include <memory_pages/memory_limits.hpp>

#include <cstddef>
#include <span>

#pragma GCC visibility push(hidden)

namespace memory_pages::os {

/// The limit of the process's own group, and the lowest limit of its ancestors. The limit of a
/// group that cannot be read is not known.
struct GroupLimits {
    Limit own;
    Limit above;
};

[[nodiscard]] GroupLimits memory_of_groups(const char* root) noexcept;

/// The lowest limit on huge pages of each of these sizes. Used is the larger of what is reserved,
/// where the kernel counts that, and what is touched: pages that a child copies after a fork are
/// never reserved. `limits` has at least as many elements, without limits at first.
void huge_pages_of_groups(const char* root, std::span<const std::size_t> sizes,
                          std::span<Limit> limits) noexcept;

/// Whether one of the limits denies this process `bytes` more bytes of huge pages.
[[nodiscard]] bool groups_refuse_huge_pages(const char* root, std::size_t size,
                                            std::size_t bytes) noexcept;

}  // namespace memory_pages::os

#pragma GCC visibility pop
