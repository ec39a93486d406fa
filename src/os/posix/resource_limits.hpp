// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Resource limits of this process: getrlimit(2).

#include <memory_pages/memory_limits.hpp>

#include <sys/resource.h>

#include <cstddef>
#include <optional>

#pragma GCC visibility push(hidden)

namespace memory_pages::os {

/// The limit in bytes, with the bytes in use.
[[nodiscard]] Limit limit_of(auto resource, std::optional<std::size_t> used) noexcept {
    rlimit limit{};
    if (::getrlimit(resource, &limit) != 0) {
        return {.used = used, .is_known = false};
    }
    return {.used = used,
            .most = limit.rlim_cur == RLIM_INFINITY ? std::nullopt
                                                    : std::optional<std::size_t>(limit.rlim_cur)};
}

/// The limit in bytes; nothing if there is none, or it cannot be read.
[[nodiscard]] std::optional<std::size_t> resource_limit(auto resource) noexcept {
    return limit_of(resource, std::nullopt).most;
}

}  // namespace memory_pages::os

#pragma GCC visibility pop
