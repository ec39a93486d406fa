// SPDX-License-Identifier: MIT
// The buffer pool of the examples keeps its promises, measured while it runs.
#include "../../examples/buffer_pool.hpp"

#include "support/probe.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <random>
#include <span>
#include <vector>

namespace {

/// Stored pages, in other memory.
struct Storage {
    std::map<std::size_t, std::vector<std::uint8_t>> pages;
    std::size_t writes = 0;

    void read(std::size_t id, std::span<std::uint8_t> bytes) const {
        if (const auto found = pages.find(id); found != pages.end()) {
            std::ranges::copy(found->second, bytes.begin());
        }
    }
    void write(std::size_t id, std::span<const std::uint8_t> bytes) {
        pages[id].assign(bytes.begin(), bytes.end());
        ++writes;
    }
};

using Pool = BufferPool<Storage>;

constexpr std::size_t budget = std::size_t{4} << 20;
constexpr std::size_t pages = 4 * budget / Pool::page_bytes;

class BufferPoolExample : public testing::Test {
protected:
    void SetUp() override {
        if (!probe::mapping_is_free()) {
            GTEST_SKIP() << "an emulator keeps memory of its own for each page";
        }
        if (!memory_pages::Reservation::try_new(Pool::room)) {
            GTEST_SKIP() << "no room for a tebibyte here";
        }
    }

    Storage storage_;
};

TEST_F(BufferPoolExample, ServesFourTimesItsBudgetOfPages) {
    Pool pool(storage_, budget);
    std::vector<std::uint8_t> expected(pages);
    std::mt19937 random(1);
    for (int step = 0; step < 2000; ++step) {
        const std::size_t id = random() % pages;
        if (step % 3 == 0) {
            ++expected[id];
            std::ranges::fill(pool.write(id), expected[id]);
        } else {
            const auto bytes = pool.read(id);
            ASSERT_EQ(bytes.front(), expected[id]);
            ASSERT_EQ(bytes.back(), expected[id]);
        }
        if (step % 500 == 499) {
            EXPECT_LE(probe::resident_bytes(pool.address(), pages * Pool::page_bytes), budget);
        }
    }
    EXPECT_GT(pool.misses(), pages) << "the budget was never reached";
}

TEST_F(BufferPoolExample, FindsPagesWrittenByAnotherPool) {
    {
        Pool pool(storage_, budget);
        for (std::size_t id = 0; id < pages; ++id) {
            pool.write(id)[id] = 7;
        }
    }
    Pool pool(storage_, budget);
    for (std::size_t id = 0; id < pages; ++id) {
        EXPECT_EQ(pool.read(id)[id], 7);
        EXPECT_EQ(pool.read(id)[id + 1], 0);
    }
}

TEST_F(BufferPoolExample, DoesNotWriteCleanPages) {
    Pool pool(storage_, budget);
    const auto bytes = pool.read(3);
    EXPECT_FALSE(probe::can_write(const_cast<std::uint8_t*>(bytes.data())));
    EXPECT_TRUE(probe::can_write(pool.write(3).data()));
    pool.flush();
    EXPECT_FALSE(probe::can_write(const_cast<std::uint8_t*>(bytes.data())));
    EXPECT_EQ(storage_.writes, 1U) << "what was not changed is not stored";
}

}  // namespace
