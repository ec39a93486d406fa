// SPDX-License-Identifier: MIT
// Not on Windows: MinGW's library frees what thread_local objects stand on before it destroys them.
#include <memory_pages/page_pool.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <thread>

namespace memory_pages {
namespace {

TEST(PagePool, PagesMayEndAfterAllElseOfTheirThread) {
    constexpr std::size_t bytes = 65536;
    PagePool pool;
    const auto take = [&pool] { return pool.take<AllowRead, AllowWrite, DenyExec>(bytes); };
    const std::uint8_t* first = nullptr;
    std::thread([&] {
        // There before the pool's own books of this thread, and destroyed with them or after.
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
