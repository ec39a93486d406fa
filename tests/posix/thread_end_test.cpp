// SPDX-License-Identifier: MIT
// Not on Windows: MinGW's library frees the memory of thread_local objects before it destroys them.
#include <memory_pages/page_pool.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <thread>

namespace memory_pages {
namespace {

// Pitfall: pages-outlive-pool
TEST(PagePool, TakesPagesBackAfterThreadStorageEnded) {
    constexpr std::size_t bytes = 65536;
    PagePool pool;
    const auto take = [&pool] { return pool.take<AllowRead, AllowWrite, DenyExec>(bytes); };
    const std::uint8_t* first = nullptr;
    std::thread([&] {
        // Made before the pool's cache of this thread, and destroyed with it or after it.
        static thread_local std::optional<PooledPages<AllowRead, AllowWrite, DenyExec>> last;
        last.reset();
        last.emplace(take());
        first = last->data();
    }).join();
    const auto again = take();
    EXPECT_EQ(again.data(), first);
    EXPECT_EQ(pool.statistics().fresh, 1U);
}

}  // namespace
}  // namespace memory_pages
