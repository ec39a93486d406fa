// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// What is measured of the library, by the names used here.

#include <memory_pages/memory_pages.hpp>

#include <chrono>
#include <cstddef>
#include <memory>

using Writable =
    memory_pages::Pages<memory_pages::AllowRead, memory_pages::AllowWrite, memory_pages::DenyExec>;

using Pool = std::shared_ptr<memory_pages::PagePool>;

/// A pool that keeps all that is measured here, for as long as the program runs.
[[nodiscard]] inline Pool generous_pool() {
    return std::make_shared<memory_pages::PagePool>(memory_pages::PoolOptions{
        .max_bytes = std::size_t{8} << 30, .max_age = std::chrono::hours(1)});
}

[[nodiscard]] inline auto take(const Pool& pool, std::size_t bytes,
                               memory_pages::Contents contents) {
    return pool->take<memory_pages::AllowRead, memory_pages::AllowWrite, memory_pages::DenyExec>(
        bytes, contents);
}
