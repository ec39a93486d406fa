// SPDX-License-Identifier: MIT
// The arena of the examples keeps its promises.
#include "../../examples/arena.hpp"

#include "support/fails.hpp"
#include "support/probe.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

namespace {

constexpr std::size_t mebi = std::size_t{1} << 20;

TEST(ArenaExample, NeverMovesItsObjects) {
    Arena arena(64 * mebi);
    std::vector<std::size_t*> objects;
    for (std::size_t i = 0; i < mebi; ++i) {
        objects.push_back(arena.make<std::size_t>(i));
    }
    for (std::size_t i = 0; i < objects.size(); ++i) {
        ASSERT_EQ(*objects[i], i);
    }
}

TEST(ArenaExample, AlignsItsObjects) {
    struct alignas(64) Line {
        std::byte bytes[64];
    };
    Arena arena(mebi);
    for (int i = 0; i < 100; ++i) {
        (void)arena.make<char>('x');
        EXPECT_EQ(reinterpret_cast<std::uintptr_t>(arena.make<Line>()) % 64, 0U);
    }
}

TEST(ArenaExample, ReturnsMemoryWhenReset) {
    Arena arena(64 * mebi);
    void* const start = arena.allocate(1, 1);
    std::memset(arena.allocate(32 * mebi, 1), 1, 32 * mebi);
    EXPECT_GE(probe::resident_bytes(start, 64 * mebi), 32 * mebi);
    arena.reset();
    EXPECT_LE(probe::resident_bytes(start, 64 * mebi), 64U << 10U);
    EXPECT_EQ(arena.allocate(1, 1), start);
    const auto* const again = static_cast<const std::uint8_t*>(arena.allocate(32 * mebi, 1));
    EXPECT_EQ(again[16 * mebi], 0) << "what was given back reads zero";
}

TEST(ArenaExample, RefusesMoreThanItsCapacity) {
    Arena arena(mebi);
    (void)arena.allocate(mebi, 1);
    EXPECT_FAILS(arena.allocate(1, 1), std::errc::invalid_argument);
    EXPECT_FAILS(Arena(mebi).allocate(2 * mebi, 1), std::errc::invalid_argument);
    EXPECT_FAILS(arena.allocate(SIZE_MAX, 1), std::errc::invalid_argument);
    EXPECT_FAILS(arena.allocate(SIZE_MAX - mebi + 1, 1), std::errc::invalid_argument);
    EXPECT_EQ(arena.used(), mebi);
}

}  // namespace
