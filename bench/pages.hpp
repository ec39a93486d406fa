// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// The types that the benchmarks measure.

#include <memory_pages/memory_pages.hpp>

#include <chrono>
#include <cstddef>
#include <memory>

using Writable =
    memory_pages::Pages<memory_pages::AllowRead, memory_pages::AllowWrite, memory_pages::DenyExec>;

using Pool = std::shared_ptr<memory_pages::PagePool>;

/// A pool that keeps everything measured here for the life of the program.
[[nodiscard]] inline Pool generous_pool() {
    return std::make_shared<memory_pages::PagePool>(memory_pages::PoolOptions{
        .max_bytes = std::size_t{8} << 30, .max_age = std::chrono::hours(1)});
}

[[nodiscard]] inline auto take(const Pool& pool, std::size_t bytes,
                               memory_pages::Contents contents) {
    return pool->take<memory_pages::AllowRead, memory_pages::AllowWrite, memory_pages::DenyExec>(
        bytes, contents);
}
