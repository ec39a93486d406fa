// SPDX-License-Identifier: MIT
// What the library allocates for its books may be refused, too: then nothing is lost.
#include <memory_pages/page_size.hpp>
#include <memory_pages/pages.hpp>
#include <memory_pages/reservation.hpp>

#include "support/probe.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdlib>
#include <expected>
#include <new>
#include <utility>

namespace {

/// Allocations until one is refused, and all that follow; none are while it is negative.
long allocations_left = -1;

void* allocate(std::size_t bytes) noexcept {
    if (allocations_left == 0) {
        return nullptr;
    }
    allocations_left -= allocations_left > 0 ? 1 : 0;
    return std::malloc(bytes == 0 ? 1 : bytes);
}

}  // namespace

// Weak: a sanitizer has its own, and then there is nothing to refuse.
#if defined(__cpp_exceptions)
[[gnu::weak]] void* operator new(std::size_t bytes) {
    if (void* const memory = allocate(bytes)) {
        return memory;
    }
    throw std::bad_alloc();
}
#endif
[[gnu::weak]] void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
    return allocate(bytes);
}
[[gnu::weak]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::weak]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace memory_pages {
namespace {

using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;

class NoMemory : public testing::Test {
protected:
    void SetUp() override {
        allocations_left = 0;
        void* const memory = ::operator new(1, std::nothrow);
        allocations_left = -1;
        if (memory != nullptr) {
            ::operator delete(memory);
            GTEST_SKIP() << "a sanitizer allocates here";
        }
    }
};

TEST_F(NoMemory, ForBooksMakesNoReservation) {
    const std::size_t bytes = std::size_t{64} << 20;
    std::uint8_t* address = nullptr;
    {
        const Reservation gone(bytes);
        address = gone.address();
    }
    allocations_left = 0;
    const auto refused = Reservation::try_new(bytes, {.at = address});
    allocations_left = -1;
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error(), std::errc::not_enough_memory);
    EXPECT_TRUE(Reservation::try_new(bytes, {.at = address})) << "its addresses were lost";
}

TEST_F(NoMemory, ToNoteASplitLeavesThePagesWhole) {
#if !defined(__cpp_exceptions)
    GTEST_SKIP() << "without exceptions the standard library ends the program";
#else
    const std::size_t page = probe::page_size();
    ReadWrite pages(4 * page);
    pages[page] = 5;
    std::size_t refusals = 0;
    const auto split = [&](ReadWrite whole) {
        std::expected<std::pair<ReadWrite, ReadWrite>, Refused<ReadWrite>> parts =
            std::unexpected(Refused<ReadWrite>{{}, std::move(whole)});
        for (; !parts; ++refusals) {
            allocations_left = static_cast<long>(refusals);
            parts = std::move(parts.error().pages).try_split_at(page);
            allocations_left = -1;
            EXPECT_TRUE(parts || parts.error().error == std::errc::not_enough_memory);
        }
        return std::move(*parts);
    };
    auto [front, behind] = split(std::move(pages));
    EXPECT_GE(refusals, 4U);
    EXPECT_EQ(behind[0], 5);
    refusals = 0;
    auto [middle, last] = split(std::move(behind));
    EXPECT_GE(refusals, 2U);
    ReadWrite whole = std::move(front).join(std::move(middle)).join(std::move(last));
    whole.resize(8 * page);  // A mapping of its own, in the books of nobody.
    EXPECT_EQ(whole[page], 5);
#endif
}

}  // namespace
}  // namespace memory_pages
