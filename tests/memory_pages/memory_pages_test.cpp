// SPDX-License-Identifier: MIT
// The header of all headers: it alone is enough, and opens no gate.
#include <memory_pages/memory_pages.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <system_error>
#include <utility>

namespace memory_pages {
namespace {

template <class T>
concept IsComplete = requires { sizeof(T); };
static_assert(IsComplete<DenyExec> && !IsComplete<AllowExec>, "exec.hpp opens this gate");

TEST(MemoryPages, HasEveryOwner) {
    const Reservation reservation(1);
    PagePool pool;
    EXPECT_EQ((Pages<AllowRead, AllowWrite, DenyExec>(1).size()), page_size());
    EXPECT_EQ((GuardedPages<AllowRead, AllowWrite, DenyExec>(1).size()), page_size());
    EXPECT_EQ((reservation.commit<AllowRead, AllowWrite>(0, page_size()).size()), page_size());
    EXPECT_GE((pool.take<AllowRead, AllowWrite, DenyExec>(1).size()), page_size());
    const Guarded<int> three(3);
    EXPECT_EQ(*three, 3);
    EXPECT_EQ(GuardedArray<int>(3).size(), 3U);
    EXPECT_EQ(PagedVec<int>({1, 2, 3}).size(), 3U);
}

TEST(MemoryPages, HasEveryFreeFunction) {
    Pages<AllowRead, AllowWrite, DenyExec> pages(2 * page_size(),
                                                 PageOptions{.huge_pages = HugePages::never});
    populate(pages);
    std::ranges::fill(pages.bytes(), std::uint8_t{1});
    EXPECT_EQ(resident_bytes(pages.data(), pages.size()), pages.size());
    const std::array ranges = {ByteRange{0, page_size()}};
    EXPECT_TRUE(pages.try_advise(Advice::random, ranges));
    EXPECT_EQ(is_supported(Advice::sequential), is_supported(Advice::random));
    EXPECT_TRUE(is_supported(HugePages::never));
    EXPECT_FALSE(is_supported(static_cast<Feature>(1000)));
    EXPECT_EQ(memory_limits().page_size, page_size());
    EXPECT_TRUE(query(pages.data()).is_writable);
    EXPECT_EQ(make_error_code(PageError::lock_limit), std::errc::not_enough_memory);
}

}  // namespace
}  // namespace memory_pages
