// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Resource limits of this process: getrlimit(2).

#include <sys/resource.h>

#include <cstddef>
#include <optional>

#pragma GCC visibility push(hidden)

namespace memory_pages::os {

/// The limit in bytes; nothing where there is none.
[[nodiscard]] std::optional<std::size_t> resource_limit(auto resource) noexcept {
    rlimit limit{};
    if (::getrlimit(resource, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) {
        return std::nullopt;
    }
    return static_cast<std::size_t>(limit.rlim_cur);
}

}  // namespace memory_pages::os

#pragma GCC visibility pop
