// SPDX-License-Identifier: MIT
// Memory that was poisoned by hand and given back is usable by its next owner, under
// AddressSanitizer.

#include <memory_pages/memory_pages.hpp>

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

// Null in a program without AddressSanitizer.
extern "C" [[gnu::weak]] void __asan_poison_memory_region(const volatile void*, std::size_t);
extern "C" [[gnu::weak]] int __asan_address_is_poisoned(const volatile void*);

namespace {

using namespace memory_pages;
using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;

constexpr std::size_t small = std::size_t{64} << 10;
constexpr std::size_t large = std::size_t{9} << 20;

/// The poisoned range, which may have another owner when it is checked.
struct Poisoned {
    Poisoned(const void* base, std::size_t size)
        : first(static_cast<const std::byte*>(base)), bytes(size) {
        __asan_poison_memory_region(first, bytes);
    }
    [[nodiscard]] bool is_over() const {
        for (std::size_t i = 0; i < bytes; i += 1024) {
            if (__asan_address_is_poisoned(first + i) != 0) {
                return false;
            }
        }
        return __asan_address_is_poisoned(first + bytes - 1) == 0;
    }

    const std::byte* first;
    std::size_t bytes;
};

/// By size: small ranges are unpoisoned, for large ones the shadow is dropped.
class Poison : public testing::TestWithParam<std::size_t> {
protected:
    void SetUp() override {
        if (&__asan_poison_memory_region == nullptr) {
            GTEST_SKIP() << "this program has no AddressSanitizer";
        }
    }
    static std::size_t bytes() { return GetParam(); }
};

TEST_P(Poison, EndsWithThePages) {
    auto pages = std::make_unique<ReadWrite>(bytes());
    const Poisoned poisoned(pages->data(), pages->size());
    pages.reset();
    EXPECT_TRUE(poisoned.is_over());
}

TEST_P(Poison, EndsWithAPartAndStaysInTheRest) {
    auto [pages, behind] = ReadWrite(2 * bytes()).split_at(bytes());
    const Poisoned front(pages.data(), pages.size());
    const Poisoned poisoned(behind.data(), behind.size());
    behind = ReadWrite(page_size());
    EXPECT_TRUE(poisoned.is_over());
    EXPECT_FALSE(front.is_over());
}

TEST_P(Poison, EndsWithTheContents) {
    ReadWrite pages(bytes());
    const auto after = [&](auto verb) {
        const Poisoned poisoned(pages.data(), pages.size());
        verb();
        return poisoned.is_over();
    };
    EXPECT_TRUE(after([&] { pages.decommit(); }));
    EXPECT_TRUE(after([&] { pages.discard(); }));
    EXPECT_TRUE(after([&] { pages.zero(0, bytes()); }));
    EXPECT_TRUE(
        after([&] { pages.zero(0, page_size()), pages.zero(page_size(), bytes() - page_size()); }));
    const std::array<ByteRange, 2> all{{{0, bytes() / 2}, {bytes() / 2, bytes() / 2}}};
    EXPECT_TRUE(after([&] { pages.decommit(all); }));
    EXPECT_TRUE(after([&] { pages.discard(all); }));
    pages[0] = 1;
}

TEST_P(Poison, EndsWhenPagesAreResized) {
    for (const std::size_t alignment : {std::size_t{0}, std::size_t{2} << 20}) {
        ReadWrite pages(bytes(), {.alignment = alignment});
        const Poisoned poisoned(pages.data(), pages.size());
        pages.resize(4 * bytes());
        EXPECT_TRUE(poisoned.is_over());
        const Poisoned again(pages.data(), pages.size());
        pages.resize(bytes());
        EXPECT_TRUE(again.is_over());
    }
}

TEST_P(Poison, EndsWhenAPoolTakesPagesBack) {
    PagePool pool;
    auto pages = pool.take<AllowRead, AllowWrite, DenyExec>(bytes());
    const Poisoned poisoned(pages.data(), pages.size());
    {
        const auto dropped = std::move(pages);
    }
    EXPECT_TRUE(poisoned.is_over());
}

TEST_P(Poison, DoesNotStopPopulate) {
    ReadWrite pages(bytes());
    const Poisoned poisoned(pages.data(), pages.size());
    pages.populate();
    EXPECT_FALSE(poisoned.is_over());
}

TEST_P(Poison, EndsWithARangeOfAReservation) {
    Reservation reservation(bytes());
    auto range = std::make_unique<PageRange<AllowRead, AllowWrite, DenyExec>>(
        reservation.commit<AllowRead, AllowWrite>(0, bytes()));
    const Poisoned poisoned(range->data(), range->size());
    range.reset();
    EXPECT_TRUE(poisoned.is_over());
}

TEST_P(Poison, EndsWithAReservation) {
    auto reservation = std::make_unique<Reservation>(bytes());
    reservation->untyped().commit<AllowRead, AllowWrite>(0, bytes());
    const Poisoned poisoned(reservation->address(), bytes());
    reservation.reset();
    EXPECT_TRUE(poisoned.is_over());
}

TEST_P(Poison, EndsWithGuardedPagesAndNewGuards) {
    auto pages = std::make_unique<GuardedPages<AllowRead, AllowWrite, DenyExec>>(bytes());
    const Poisoned poisoned(pages->data(), pages->size());
    pages->guard(0, bytes() / 2);
    EXPECT_FALSE(poisoned.is_over());
    pages->unguard(0, bytes() / 2);
    EXPECT_EQ(__asan_address_is_poisoned(pages->data()), 0);
    pages.reset();
    EXPECT_TRUE(poisoned.is_over());
}

TEST_P(Poison, EndsWhenAVectorFreesMemoryOrMoves) {
    PagedVec<std::uint8_t> vec;
    vec.reserve_exact(bytes());
    const Poisoned capacity(vec.data(), bytes());
    vec.shrink_to_fit();
    EXPECT_TRUE(capacity.is_over());

    vec.reserve_exact(bytes());
    const Poisoned cleared(vec.data(), bytes());
    vec.clear_decommit();
    EXPECT_TRUE(cleared.is_over());

    vec.resize(bytes());
    const Poisoned moved(vec.data(), bytes());
    vec.reserve_exact(vec.stable_capacity() + 1);
    EXPECT_TRUE(moved.is_over());

    const Poisoned ended(vec.data(), bytes());
    vec = {};
    PagedVec<std::uint8_t>().swap(vec);
    EXPECT_TRUE(ended.is_over());
}

INSTANTIATE_TEST_SUITE_P(Of, Poison, testing::Values(small, large));

// The shadow of this memory would not fit into the machine.
TEST(PoisonOfSparseMemory, EndsWithoutTouchingTheWholeShadow) {
    if (&__asan_poison_memory_region == nullptr) {
        GTEST_SKIP() << "this program has no AddressSanitizer";
    }
    constexpr std::size_t much = std::size_t{1} << 40;
    auto reservation = std::make_unique<Reservation>(much);
    const Poisoned some(reservation->address() + much / 2, page_size());
    reservation.reset();
    EXPECT_TRUE(some.is_over());
}

}  // namespace
