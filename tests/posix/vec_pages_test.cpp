// SPDX-License-Identifier: MIT
#include <memory_pages/page_pool.hpp>
#include <memory_pages/paged_vec.hpp>

#include "support/probe.hpp"
#include "support/rounds.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace memory_pages {
namespace {

TEST(PagedVec, UnmapsTheRestWhenItBecomesPages) {
    PagePool pool;
    for (const bool is_pooled : {false, true}) {
        EXPECT_TRUE(rounds::one_succeeds([&pool, is_pooled] {
            PagedVec<int> vec = is_pooled ? PagedVec<int>(pool) : PagedVec<int>();
            vec.reserve(100'000);
            vec.push_back(1);
            const auto pages = std::move(vec).into_pages();
            EXPECT_EQ(pages.size(), probe::page_size());
            EXPECT_EQ(probe::permissions(pages.data()), "rw-");
            return probe::permissions(pages.data() + pages.size()).empty();
        }));
    }
}

}  // namespace
}  // namespace memory_pages
