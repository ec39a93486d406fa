// SPDX-License-Identifier: MIT
// What PagedVec has beyond std::vector: how it grows, and gives memory back.

#include "support/fails.hpp"
#include "support/fragile.hpp"
#include "support/probe.hpp"
#include "support/process.hpp"

#include <memory_pages/feature.hpp>
#include <memory_pages/page_pool.hpp>
#include <memory_pages/paged_vec.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <numeric>
#include <ranges>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

using namespace memory_pages;
using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::size_t operator""_MiB(unsigned long long n) { return std::size_t{n} << 20U; }

std::size_t page() { return probe::page_size(); }

/// `count` rounded up to whole pages, in elements.
template <class T>
std::size_t in_pages(std::size_t count) {
    return (count * sizeof(T) + page() - 1) / page() * page() / sizeof(T);
}

/// Bytes that are never touched, so that few elements fill a reservation and cost little.
template <std::size_t bytes>
struct Padding {
    Padding() {}                                          // NOLINT: leaves them alone
    Padding(const Padding&) {}                            // NOLINT
    Padding& operator=(const Padding&) { return *this; }  // NOLINT
    std::array<std::byte, bytes> untouched;
};

/// A number with padding.
template <class Number, std::size_t bytes>
struct Wide {
    Wide(int n) : number(n) {}  // NOLINT: implicit as for any number
    friend bool operator==(const Wide& a, const Wide& b) { return a.number == b.number; }

    Number number;
    Padding<bytes> padding;
};
using Relocatable = Wide<int, 1U << 18U>;
using Elements = Wide<long, 1U << 18U>;
/// Larger than any stack.
using Huge = Wide<int, 12U << 20U>;
using HugeElements = Wide<long, 12U << 20U>;
using Fragile = Wide<fragile::Element<fragile::Moves::throw_too>, 1U << 20U>;

}  // namespace

template <>
struct memory_pages::is_trivially_relocatable<Relocatable> : std::true_type {};
template <>
struct memory_pages::is_trivially_relocatable<Huge> : std::true_type {};

namespace {

static_assert(is_trivially_relocatable_v<int>);
static_assert(is_trivially_relocatable_v<PagedVec<std::string>>);
static_assert(is_trivially_relocatable_v<Relocatable>);
static_assert(!is_trivially_relocatable_v<Elements>);
static_assert(!is_trivially_relocatable_v<std::string>);

// -- capacity -------------------------------------------------------------------------------------

TEST(PagedVec, MapsNothingWhileEmpty) {
    const std::size_t mappings = probe::mapping_count();
    const auto vecs = std::make_unique<std::array<PagedVec<int>, 1000>>();
    EXPECT_LT(probe::mapping_count(), mappings + 500);
    EXPECT_EQ((*vecs)[999].data(), nullptr);
    EXPECT_EQ((*vecs)[999].capacity(), 0U);
    EXPECT_EQ((*vecs)[999].stable_capacity(), 0U);
}

TEST(PagedVec, HasTheRequestedCapacityInWholePages) {
    struct Odd {
        std::array<char, 24> bytes;
    };
    for (const std::size_t count : {0U, 1U, 1000U, 4096U, 4097U, 100000U}) {
        EXPECT_EQ(PagedVec<int>::with_capacity(count).capacity(), in_pages<int>(count));
        EXPECT_EQ(PagedVec<Odd>::with_capacity(count).capacity(), in_pages<Odd>(count));
        PagedVec<int> vec;
        vec.reserve_exact(count);
        EXPECT_EQ(vec.capacity(), in_pages<int>(count));
        vec.reserve_exact(count / 2);
        EXPECT_EQ(vec.capacity(), in_pages<int>(count));
        vec.resize(count / 2);
        vec.shrink_to_fit();
        EXPECT_EQ(vec.capacity(), in_pages<int>(count / 2));
        EXPECT_EQ(PagedVec<int>(count).capacity(), in_pages<int>(count));
    }
}

// Pitfall: address-space-lock
TEST(PagedVec, DoublesItsCommittedMemoryFrom64KiB) {
    PagedVec<std::uint8_t> vec;
    std::vector<std::size_t> steps;
    while (vec.size() < 4_MiB) {
        vec.push_back(1);
        if (steps.empty() || steps.back() != vec.capacity()) {
            steps.push_back(vec.capacity());
        }
    }
    std::vector<std::size_t> expected;
    for (std::size_t step = 64U << 10U; step <= 4_MiB; step *= 2) {
        expected.push_back(step);
    }
    EXPECT_EQ(steps, expected);
    EXPECT_GE(vec.stable_capacity(), 4_MiB);
}

TEST(PagedVec, DoesNotMoveWithinItsStableCapacity) {
    PagedVec<std::uint64_t> vec = {0};
    EXPECT_EQ(vec.stable_capacity(), 256_MiB / sizeof(std::uint64_t));
    const std::uint64_t* const data = vec.data();
    vec.reserve(vec.stable_capacity());
    EXPECT_EQ(vec.data(), data);
    EXPECT_EQ(vec.capacity(), vec.stable_capacity());
    const std::size_t needed = 20_MiB;
    EXPECT_EQ(PagedVec<char>::with_capacity(needed).stable_capacity(), 16 * needed);
}

TEST(PagedVec, MovesOnceToAMuchLargerReservation) {
    PagedVec<std::uint64_t> vec = {1, 2, 3};
    const std::size_t needed = vec.stable_capacity() + 1;
    vec.reserve_exact(needed);
    EXPECT_THAT(vec, ElementsAre(1, 2, 3));
    EXPECT_EQ(vec.capacity(), in_pages<std::uint64_t>(needed));
    EXPECT_GE(vec.stable_capacity(), 16 * needed);
    vec[2] = 4;
    vec.resize(100000, 5);
    EXPECT_EQ(vec[2], 4U);
    EXPECT_EQ(vec.back(), 5U);
}

TEST(PagedVec, FaultsBeyondItsCapacity) {
    PagedVec<int> vec(1);
    const std::size_t capacity = vec.capacity();
    int* const data = vec.data();
    EXPECT_TRUE(probe::can_write(data + capacity - 1));
    EXPECT_FALSE(probe::can_read(data + capacity));
    EXPECT_DEATH(*const_cast<volatile int*>(data + capacity) = 1, "");
    vec.reserve(capacity + 1);
    EXPECT_EQ(vec.data(), data);
    EXPECT_TRUE(probe::can_write(data + capacity));
    vec.shrink_to_fit();
    EXPECT_TRUE(probe::can_read(data));
    EXPECT_FALSE(probe::can_read(data + capacity));
}

// Pitfall: overcommit
TEST(PagedVec, ChargesOnlyCommittedMemory) {
    auto vec = PagedVec<int>::with_capacity(1);
    EXPECT_TRUE(probe::is_charged(vec.data()));
    EXPECT_FALSE(probe::is_charged(vec.data() + vec.capacity()));
}

TEST(PagedVec, NeverMovesOrExceedsItsMaximum) {
    const std::size_t max = 3 * page() / sizeof(int) + 5;
    auto vec = PagedVec<int>::with_max_capacity(1, max);
    EXPECT_EQ(vec.capacity(), in_pages<int>(1));
    EXPECT_EQ(vec.max_size(), max);
    EXPECT_EQ(vec.stable_capacity(), max);
    int* const data = vec.data();
    for (std::size_t i = 0; i < max; ++i) {
        vec.push_back(static_cast<int>(i));
    }
    EXPECT_EQ(vec.data(), data);
    EXPECT_EQ(vec.capacity(), max);
    EXPECT_LENGTH_ERROR(vec.push_back(1));
    EXPECT_LENGTH_ERROR(vec.resize(max + 1));
    EXPECT_EQ(vec.try_push_back(1).error(), std::errc::value_too_large);
    EXPECT_EQ(vec.try_reserve(max + 1).error(), std::errc::value_too_large);
    EXPECT_EQ(vec.size(), max);
    EXPECT_EQ(vec.data(), data);
    EXPECT_EQ(vec.back(), static_cast<int>(max - 1));

    PagedVec<int> moved(std::move(vec));
    EXPECT_EQ(moved.max_size(), max);
    EXPECT_GT(vec.max_size(), max);  // NOLINT: moved from, and an ordinary one
    const PagedVec<int> copy(moved);
    EXPECT_GT(copy.max_size(), max);
    const PagedVec<int> larger(max + 1);
    EXPECT_LENGTH_ERROR(moved = larger);

    auto none = PagedVec<int>::with_max_capacity(0, 0);
    EXPECT_EQ(none.try_push_back(1).error(), std::errc::value_too_large);
    EXPECT_LENGTH_ERROR(PagedVec<int>::with_max_capacity(2, 1));
    EXPECT_LENGTH_ERROR(PagedVec<int>::with_max_capacity(0, SIZE_MAX));
    EXPECT_EQ(PagedVec<int>::try_with_max_capacity(2, 1).error(), std::errc::value_too_large);
}

TEST(PagedVec, HoldsImmovableElementsUpToItsStableCapacity) {
    struct Fixed {
        explicit Fixed(int i) : value(i) {}
        Fixed(Fixed&&) = delete;
        int value;
    };
    PagedVec<Fixed> vec;
    EXPECT_EQ(vec.emplace_back(1).value, 1);
    const Fixed* const first = vec.data();
    EXPECT_TRUE(vec.try_reserve(vec.stable_capacity()));
    EXPECT_EQ(vec.data(), first);
    EXPECT_EQ(vec.try_reserve(vec.stable_capacity() + 1).error(), std::errc::value_too_large);
    EXPECT_LENGTH_ERROR(vec.reserve(vec.stable_capacity() + 1));
    EXPECT_EQ(vec[0].value, 1);
}

TEST(ManyVectors, LiveAtOnce) {
    if (!probe::mapping_is_free()) {
        GTEST_SKIP() << "an emulator keeps memory of its own for each page";
    }
    if (!probe::counts_are_ours()) {
        GTEST_SKIP() << "a shadow of all memory is counted too";
    }
    std::vector<PagedVec<int>> vecs(20000);
    for (std::size_t i = 0; i < vecs.size(); ++i) {
        ASSERT_TRUE(vecs[i].try_push_back(static_cast<int>(i))) << i;
    }
    for (std::size_t i = 0; i < vecs.size(); ++i) {
        ASSERT_THAT(vecs[i], ElementsAre(static_cast<int>(i)));
    }
}

TEST(PagedVec, HasRoomForAThousandVectorsOf100MB) {
    if (!probe::mapping_is_free()) {
        GTEST_SKIP() << "an emulator keeps memory of its own for each page";
    }
    std::vector<PagedVec<char>> vecs(1000);
    for (PagedVec<char>& vec : vecs) {
        auto made = PagedVec<char>::try_with_capacity(100'000'000);
        ASSERT_TRUE(made) << made.error().message();
        vec = std::move(*made);
        vec.push_back('a');
    }
    EXPECT_EQ(vecs.back().capacity(), in_pages<char>(100'000'000));
}

// -- refusals -------------------------------------------------------------------------------------

TEST(PagedVec, ReportsMemoryThatTheSystemRefuses) {
    PagedVec<int> vec = {1, 2};
    EXPECT_FALSE(vec.try_reserve(vec.max_size()));
    EXPECT_EQ(vec.try_reserve(vec.max_size()).error(), std::errc::not_enough_memory);
    EXPECT_EQ(vec.try_reserve(SIZE_MAX).error(), std::errc::value_too_large);
    EXPECT_EQ(vec.try_reserve_exact(vec.max_size() + 1).error(), std::errc::value_too_large);
    EXPECT_EQ(PagedVec<int>::try_with_capacity(SIZE_MAX / 2).error(), std::errc::value_too_large);
    EXPECT_EQ(PagedVec<int>::try_with_capacity(SIZE_MAX / 16).error(),
              std::errc::not_enough_memory);
    EXPECT_BAD_ALLOC(PagedVec<int>::with_capacity(SIZE_MAX / 16));
    EXPECT_LENGTH_ERROR(PagedVec<int>::with_capacity(SIZE_MAX));
    EXPECT_THAT(vec, ElementsAre(1, 2));
}

TEST(PagedVec, LeavesTheArgumentUntouchedWhenRefused) {
    auto vec = PagedVec<std::string>::with_max_capacity(0, 1);
    vec.push_back("first");
    std::string value = "a text that is kept by whoever offers it";
    EXPECT_FALSE(vec.try_push_back(std::move(value)));
    EXPECT_EQ(value, "a text that is kept by whoever offers it");  // NOLINT
    EXPECT_FALSE(vec.try_push_back(value));
    const auto back = vec.push_within_capacity(std::move(value));
    ASSERT_FALSE(back);
    EXPECT_EQ(back.error(), "a text that is kept by whoever offers it");
    EXPECT_THAT(vec, ElementsAre("first"));
}

// -- its own words --------------------------------------------------------------------------------

TEST(PagedVec, PushesAndPops) {
    auto vec = PagedVec<std::string>::with_capacity(2);
    vec.push("a");
    const std::string b = "b";
    vec.push(b);
    EXPECT_TRUE(vec.try_push_back("c"));
    EXPECT_EQ(vec.remove(1), "b");
    EXPECT_EQ(vec.pop(), "c");
    EXPECT_EQ(vec.pop(), "a");
    EXPECT_EQ(vec.pop(), std::nullopt);
    const std::size_t capacity = vec.capacity();
    while (vec.push_within_capacity("d")) {
    }
    EXPECT_EQ(vec.size(), capacity);
    EXPECT_EQ(vec.capacity(), capacity);
    auto owners = PagedVec<std::unique_ptr<int>>::with_capacity(1);
    EXPECT_TRUE(owners.push_within_capacity(std::make_unique<int>(1)));
    EXPECT_EQ(*owners.remove(0), 1);
}

TEST(PagedVec, KeepsItsElementsWhenAdvised) {
    PagedVec<int> vec(100000);
    std::iota(vec.begin(), vec.end(), 0);
    const PagedVec<int> before(vec);
    vec.advise_use_soon();
    vec.advise_use_seq(10, 1000);
    vec.advise_use_rnd(99999);
    vec.advise(Advice::normal, 0, 100000);
    vec.advise(Advice::random, 100000, 0);
    EXPECT_TRUE(vec.try_advise(Advice::sequential));
    EXPECT_EQ(vec, before);
    EXPECT_EQ(vec.try_advise(Advice::normal, 100001).error(), std::errc::invalid_argument);
    EXPECT_EQ(vec.try_advise(Advice::normal, 1, 100000).error(), std::errc::invalid_argument);
    EXPECT_EQ(vec.try_advise(Advice::normal, 1, SIZE_MAX - 1).error(), std::errc::invalid_argument);
    EXPECT_FAILS(vec.advise_use_soon(0, 100001), std::errc::invalid_argument);
    EXPECT_TRUE(PagedVec<int>().try_advise(Advice::use_soon));
}

// -- elements of any kind -------------------------------------------------------------------------

template <std::size_t alignment>
struct alignas(alignment) Aligned {
    int value = 0;
};

template <class T>
void expect_aligned() {
    PagedVec<T> vec;
    for (int i = 0; i < 40; ++i) {
        vec.push_back({i});
        EXPECT_EQ(reinterpret_cast<std::uintptr_t>(&vec.back()) % alignof(T), 0U);
    }
    vec.reserve_exact(vec.stable_capacity() + 1);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(vec.data()) % alignof(T), 0U);
    EXPECT_EQ(vec[39].value, 39);
    EXPECT_EQ(
        reinterpret_cast<std::uintptr_t>(PagedVec<T>::with_max_capacity(1, 2).data()) % alignof(T),
        0U);
}

TEST(PagedVec, AlignsElementsBeyondAPage) {
    expect_aligned<Aligned<64>>();
    expect_aligned<Aligned<16384>>();
    expect_aligned<Aligned<1U << 17U>>();
}

// Pitfall: edge-ranges
TEST(PagedVec, HoldsEmptyElements) {
    struct Empty {};
    PagedVec<Empty> vec(5);
    vec.push_back({});
    vec.insert(vec.begin(), 3, Empty());
    EXPECT_EQ(vec.size(), 9U);
    EXPECT_EQ(vec.capacity() % page(), 0U);
    vec.erase(vec.begin());
    EXPECT_EQ(vec.size(), 8U);
}

// -- elements of its own as arguments, on each way to grow ----------------------------------------

/// `full` makes a vector that grows with its next element; its elements count from 0.
template <class T, class Full>
void expect_takes_its_own(Full full) {
    const auto check = [&](auto change, std::size_t at, std::size_t count, int expected) {
        PagedVec<T> vec = full();
        const std::size_t size = vec.size();
        ASSERT_GE(size, 2U);
        change(vec);
        ASSERT_EQ(vec.size(), size + count);
        for (std::size_t i = 0; i < vec.size(); ++i) {
            const bool is_added = i >= at && i < at + count;
            const auto number = static_cast<int>(i < at ? i : i - count);
            ASSERT_TRUE(vec[i] == T(is_added ? expected : number)) << i;
        }
    };
    const std::size_t size = full().size();
    const int last = static_cast<int>(size) - 1;
    check([](auto& vec) { vec.push_back(vec.back()); }, size, 1, last);
    check([](auto& vec) { vec.push_back(vec.front()); }, size, 1, 0);
    check([](auto& vec) { vec.emplace_back(vec[1]); }, size, 1, 1);
    check([](auto& vec) { EXPECT_TRUE(vec.try_push_back(vec[1])); }, size, 1, 1);
    check([](auto& vec) { vec.insert(vec.begin() + 1, vec.back()); }, 1, 1, last);
    check([](auto& vec) { vec.emplace(vec.begin(), vec.back()); }, 0, 1, last);
    check([](auto& vec) { vec.insert(vec.end(), vec[1]); }, size, 1, 1);
    check([](auto& vec) { vec.insert(vec.begin(), 2, vec[1]); }, 0, 2, 1);
    check([](auto& vec) { vec.insert(vec.begin() + 1, 3, vec[1]); }, 1, 3, 1);
    check([](auto& vec) { vec.resize(vec.size() + 2, vec[1]); }, size, 2, 1);
    PagedVec<T> vec = full();
    vec.assign(size + 1, vec[1]);
    EXPECT_EQ(std::count(vec.begin(), vec.end(), T(1)), static_cast<std::ptrdiff_t>(size) + 1);
    // A moved-from element differs from the moved one.
    PagedVec<T> moved = full();
    EXPECT_TRUE(moved.try_push_back(std::move(moved[1])));
    EXPECT_TRUE(moved.back() == T(1));
}

TEST(PagedVec, InsertsItsOwnElementsWhenItGrowsInPlace) {
    const auto full = []<class T>(std::type_identity<T>) {
        PagedVec<T> vec = PagedVec<T>::with_capacity(1);
        while (vec.size() < vec.capacity()) {
            vec.emplace_back(static_cast<int>(vec.size()));
        }
        return vec;
    };
    expect_takes_its_own<std::int64_t>([&] { return full(std::type_identity<std::int64_t>()); });
    using Element = fragile::Element<fragile::Moves::never_throw>;
    expect_takes_its_own<Element>([&] { return full(std::type_identity<Element>()); });
}

/// Fills a first reservation, so that the next element makes everything move.
template <class T>
PagedVec<T> crowded() {
    PagedVec<T> vec;
    do {
        vec.emplace_back(static_cast<int>(vec.size()));
    } while (vec.size() < vec.stable_capacity());
    return vec;
}

TEST(PagedVec, InsertsItsOwnElementsWhenItsPagesMove) {
    expect_takes_its_own<Relocatable>(crowded<Relocatable>);
}

TEST(PagedVec, InsertsItsOwnElementsWhenItMovesEachElement) {
    expect_takes_its_own<Elements>(crowded<Elements>);
}

/// The operations of std::vector that need no element on the stack, on `make()`.
template <class T>
void expect_builds_nothing_on_the_stack(const std::function<PagedVec<T>()>& make) {
    const auto check = [&](auto change, auto change_numbers) {
        PagedVec<T> vec = make();
        std::deque<int> expected;
        for (const T& element : vec) {
            expected.push_back(static_cast<int>(element.number));
        }
        change(vec);
        change_numbers(expected);
        std::deque<int> numbers;
        for (const T& element : vec) {
            numbers.push_back(static_cast<int>(element.number));
        }
        EXPECT_EQ(numbers, expected);
    };
    const auto the_same = [&](auto change) { check(change, change); };
    the_same([](auto& vec) { vec.emplace_back(7); });
    the_same([](auto& vec) { vec.push_back(vec[1]); });
    the_same([](auto& vec) { vec.push_back(std::move(vec[1])); });
    the_same([](auto& vec) { vec.insert(vec.end(), 2, vec[1]); });
    the_same([](auto& vec) { vec.resize(vec.size() + 2, vec[1]); });
    the_same([](auto& vec) { vec.insert(vec.begin() + 1, vec.back()); });
    the_same([](auto& vec) { vec.insert(vec.begin() + 1, vec.front()); });
    check([](auto& vec) { vec.insert(vec.begin(), std::move(vec.back())); },
          [](auto& numbers) { numbers.insert(numbers.begin(), int{numbers.back()}); });
    for (const std::size_t count : {1U, 3U}) {
        the_same([=](auto& vec) { vec.insert(vec.end() - 2, count, vec.back()); });
        the_same([=](auto& vec) { vec.insert(vec.end() - 2, count, vec.front()); });
    }
    for (const std::ptrdiff_t at : {0, 1, 2}) {
        for (const std::size_t count : {std::size_t{0}, std::size_t{2}, make().size() + 2}) {
            check([=](auto& vec) { vec.assign(count, vec[static_cast<std::size_t>(at)]); },
                  [=](auto& numbers) { numbers.assign(count, int{numbers.begin()[at]}); });
        }
    }
}

/// A few elements, with memory for more.
template <class T>
PagedVec<T> roomy() {
    auto vec = PagedVec<T>::with_capacity(12);
    for (const int i : {1, 2, 3}) {
        vec.emplace_back(i);
    }
    return vec;
}

/// Copied when it moves, and owns others of its type.
template <std::size_t bytes>
struct Tree {
    Tree(int n) : number(n) {}  // NOLINT: implicit as for any number
    Tree(const Tree&) = default;
    Tree& operator=(const Tree&) = default;
    ~Tree() { number = -1; }

    int number;
    std::vector<Tree> below;
    Padding<bytes> padding;
};

/// `change` adds what the first of three elements owns.
template <std::size_t bytes, class Change>
void expect_takes_what_an_element_owns(Change change, std::size_t at, std::size_t count) {
    PagedVec<Tree<bytes>> vec;
    for (const int number : {1, 2, 3}) {
        vec.emplace_back(number);
    }
    vec.front().below.emplace_back(77);
    vec.front().below.front().below.emplace_back(78);
    change(vec, vec.front().below.front());
    for (std::size_t i = at; i != at + count; ++i) {
        EXPECT_EQ(vec[i].number, 77);
        ASSERT_EQ(vec[i].below.size(), 1U);
        EXPECT_EQ(vec[i].below.front().number, 78);
    }
}

template <std::size_t bytes>
void expect_takes_what_its_elements_own() {
    expect_takes_what_an_element_owns<bytes>(
        [](auto& vec, const auto& value) { vec.insert(vec.begin(), value); }, 0, 1);
    expect_takes_what_an_element_owns<bytes>(
        [](auto& vec, const auto& value) { vec.insert(vec.begin(), 2, value); }, 0, 2);
}

TEST(PagedVec, InsertsPartsOfItsElementsWhenItCopiesThem) {
    constexpr std::size_t small = std::size_t{1} << 10;
    constexpr std::size_t large = std::size_t{1} << 18;  // One fits on every stack.
    expect_takes_what_its_elements_own<small>();
    expect_takes_what_its_elements_own<large>();
    // Beyond their reservation, all elements move; a few large ones fill it.
    expect_takes_what_an_element_owns<large>(
        [](auto& vec, const auto& value) { vec.insert(vec.begin(), vec.stable_capacity(), value); },
        0, 2);
    expect_takes_what_an_element_owns<large>(
        [](auto& vec, const auto& value) { vec.resize(vec.stable_capacity() + 1, value); }, 3, 2);
}

// Pitfall: stack-elements
TEST(PagedVec, BuildsNoElementOnTheStackWhereVectorBuildsNone) {
    expect_builds_nothing_on_the_stack<Huge>(roomy<Huge>);
    expect_builds_nothing_on_the_stack<HugeElements>(roomy<HugeElements>);
}

// Pitfall: stack-elements
TEST(PagedVec, BuildsNoElementOnTheStackWhenAllElementsMove) {
    expect_builds_nothing_on_the_stack<Huge>(crowded<Huge>);
    expect_builds_nothing_on_the_stack<HugeElements>(crowded<HugeElements>);
    PagedVec<Huge> vec = crowded<Huge>();
    vec.emplace(vec.begin(), 77);
    EXPECT_EQ(vec.front().number, 77);
    EXPECT_EQ(vec.back().number, static_cast<int>(vec.size()) - 2);
}

TEST(PagedVec, MovesItsPagesWithoutCopyingThem) {
    if (!probe::mapping_is_free()) {
        GTEST_SKIP() << "an emulator keeps memory of its own for each page";
    }
    if (!is_supported(Feature::moving_pages)) {
        GTEST_SKIP() << "here pages are copied";
    }
    auto vec = crowded<Relocatable>();
    const std::size_t resident = probe::resident_bytes();
    const std::size_t peak = probe::peak_resident_bytes();
    const Relocatable* const data = vec.data();
    const auto* const bytes = reinterpret_cast<const std::uint8_t*>(&vec[7].number);
    ASSERT_TRUE(probe::holds(bytes, 7));
    vec.reserve(vec.size() + 1);
    EXPECT_NE(vec.data(), data);
    EXPECT_FALSE(probe::holds(bytes, 7));
    EXPECT_LT(probe::resident_bytes(), resident + 1_MiB);
    EXPECT_LT(probe::peak_resident_bytes(), peak + 1_MiB);
    EXPECT_TRUE(vec.back() == Relocatable(static_cast<int>(vec.size()) - 1));
}

TEST(PagedVec, MovesAllElementsOrNone) {
    using Vec = PagedVec<Fragile>;
    const std::array<void (*)(Vec&), 4> changes = {
        [](Vec& vec) { vec.push_back(vec[1]); },
        [](Vec& vec) { vec.emplace_back(7); },
        [](Vec& vec) { (void)vec.try_push_back(vec[1]); },
        [](Vec& vec) { vec.reserve(vec.size() + 1); },
    };
    for (const auto change : changes) {
        Vec vec = crowded<Fragile>();
        const std::size_t size = vec.size();
        const Fragile* const data = vec.data();
        for (std::size_t steps = 1; fragile::can_break && steps <= size;
             steps += steps < 4 ? 1 : 50) {
            EXPECT_TRUE(fragile::breaks(steps, [&] { change(vec); })) << steps;
            ASSERT_EQ(vec.size(), size);
            EXPECT_EQ(vec.data(), data);
            EXPECT_EQ(fragile::living().size(), size);
        }
        for (std::size_t i = 0; i < size; ++i) {
            ASSERT_EQ(vec[i].number.get(), static_cast<int>(i));
        }
        EXPECT_FALSE(fragile::breaks(0, [&] { change(vec); }));
        EXPECT_GE(vec.stable_capacity(), 16 * size);
        EXPECT_EQ(fragile::living().size(), vec.size());
    }
    EXPECT_TRUE(fragile::living().empty());
}

TEST(Threads, CanHandVectorsOver) {
    PagedVec<int> numbers;
    numbers.push_back(1);
    std::thread([&numbers, given = std::move(numbers)]() mutable {
        given.resize(1'000'000, 2);
        numbers = std::move(given);
    }).join();
    EXPECT_EQ(numbers.size(), 1'000'000U);
    EXPECT_EQ(numbers.front(), 1);
    EXPECT_EQ(numbers.back(), 2);
}

// -- giving memory back ---------------------------------------------------------------------------

void expect_memory_comes_back(std::size_t bytes) {
    PagedVec<std::uint64_t> vec;
    vec.reserve_exact(bytes / sizeof(std::uint64_t));
    const std::size_t before = probe::resident_bytes();
    vec.resize(vec.capacity(), 7);
    EXPECT_GE(probe::resident_bytes(), before + bytes - 1_MiB);
    const std::uint64_t* const data = vec.data();
    const std::size_t capacity = vec.capacity();
    vec.clear_decommit();
    EXPECT_LT(probe::resident_bytes(), before + 4_MiB);
    EXPECT_THAT(vec, IsEmpty());
    EXPECT_EQ(vec.capacity(), capacity);
    EXPECT_EQ(vec.data(), data);
    vec.resize(1000, 8);
    EXPECT_EQ(vec.data(), data);
    EXPECT_EQ(vec[999], 8U);
    EXPECT_TRUE(vec.try_clear_decommit());
    EXPECT_EQ(vec.size(), 0U);
}

TEST(ClearedVec, FreesItsMemory) {
    if (!probe::counts_are_ours()) {
        GTEST_SKIP() << "a shadow of all memory is counted too";
    }
    expect_memory_comes_back(256_MiB);
}

TEST(ClearedVec, FreesAGibibyte) {
    if (!probe::counts_are_ours()) {
        GTEST_SKIP() << "a shadow of all memory is counted too";
    }
    expect_memory_comes_back(1024_MiB);
}

TEST(PagedVec, DecommitsItsFront) {
    if (!probe::counts_are_ours()) {
        GTEST_SKIP() << "a shadow of all memory is counted too";
    }
    const std::size_t in_page = page() / sizeof(std::uint64_t);
    PagedVec<std::uint64_t> log = PagedVec<std::uint64_t>::with_max_capacity(0, 64_MiB);
    const std::size_t before = probe::resident_bytes();
    for (std::uint64_t i = 0; i < 8_MiB; ++i) {
        log.push_back(i);
    }
    ASSERT_GE(probe::resident_bytes(), before + 60_MiB);
    const std::uint64_t* const data = log.data();
    const std::size_t consumed = 8_MiB - in_page - 1;
    log.decommit_front(consumed);
    EXPECT_LT(probe::resident_bytes(), before + 4_MiB);
    EXPECT_EQ(log.size(), 8_MiB);
    EXPECT_EQ(log.data(), data);
    for (std::size_t i = consumed; i < log.size(); ++i) {
        ASSERT_EQ(log[i], i);
    }
    log.push_back(7);
    log[0] = 5;
    EXPECT_EQ(log.front(), 5U);
    EXPECT_EQ(log.back(), 7U);
}

TEST(PagedVec, KeepsElementsOnTheLastPageOfADecommittedFront) {
    const std::size_t in_page = page() / sizeof(int);
    PagedVec<int> vec(3 * in_page, 7);
    vec.decommit_front(0);
    vec.decommit_front(in_page - 1);
    EXPECT_THAT(vec, Each(7));
    vec.decommit_front(2 * in_page - 1);
    EXPECT_TRUE(std::ranges::all_of(vec | std::views::drop(in_page), [](int i) { return i == 7; }));
    EXPECT_EQ(vec.try_decommit_front(vec.size() + 1).error(), std::errc::invalid_argument);
    EXPECT_FAILS(vec.decommit_front(vec.size() + 1), std::errc::invalid_argument);
    EXPECT_TRUE(vec.try_decommit_front(vec.size()));
    EXPECT_TRUE(PagedVec<int>().try_decommit_front(0));
}

TEST(PagedVec, BecomesPagesAndAVectorAgainWithoutACopy) {
    if (!probe::counts_are_ours()) {
        GTEST_SKIP() << "a shadow of all memory is counted too";
    }
    const std::size_t count = 8_MiB + 1;
    PagedVec<std::uint64_t> vec;
    for (std::uint64_t i = 0; i < count; ++i) {
        vec.push_back(i);
    }
    const std::size_t before = probe::resident_bytes();
    const auto* const data = reinterpret_cast<const std::uint8_t*>(vec.data());

    auto frozen = std::move(vec).into_pages().deny_write();
    EXPECT_EQ(frozen.data(), data);
    EXPECT_EQ(frozen.size(), 64_MiB + page());
    EXPECT_EQ(frozen.as<std::uint64_t>()[count - 1], count - 1);
    EXPECT_FALSE(probe::can_write(const_cast<std::uint8_t*>(data)));
    EXPECT_FALSE(probe::can_read(data + frozen.size()));
    EXPECT_EQ(vec.capacity(), 0U);  // NOLINT(bugprone-use-after-move): it is empty
    EXPECT_EQ(vec.size(), 0U);

    vec = PagedVec<std::uint64_t>::from_pages(std::move(frozen).allow_write(), count);
    EXPECT_EQ(static_cast<const void*>(vec.data()), data);
    EXPECT_EQ(vec.size(), count);
    EXPECT_EQ(vec.capacity(), in_pages<std::uint64_t>(count));
    EXPECT_LT(probe::resident_bytes(), before + 4_MiB);
    vec.resize(vec.capacity() + 1, 7);
    EXPECT_EQ(vec.back(), 7U);
    for (std::size_t i = 0; i < count; ++i) {
        ASSERT_EQ(vec[i], i);
    }
}

TEST(PagedVec, BecomesPagesThatCanBeResizedAndSplit) {
    PagedVec<int> vec(10 * page(), 7);
    auto pages = std::move(vec).into_pages();
    pages.resize(pages.size() + page());
    EXPECT_EQ(pages.as<int>()[10 * page() - 1], 7);
    auto [front, behind] = std::move(pages).split_at(page());
    EXPECT_EQ(behind[0], 7);
    EXPECT_EQ(PagedVec<int>::try_from_pages(std::move(behind), 1).error(),
              std::errc::invalid_argument);
    EXPECT_EQ(behind[0], 7);  // NOLINT(bugprone-use-after-move): refused, so nothing was taken
}

TEST(PagedVec, IsMadeFromAnyPages) {
    Pages<AllowRead, AllowWrite, DenyExec> pages(page());
    EXPECT_FAILS((void)PagedVec<int>::from_pages(std::move(pages), page()),
                 std::errc::invalid_argument);
    EXPECT_EQ(pages.size(), page());  // NOLINT(bugprone-use-after-move): refused
    PagedVec<int> vec = PagedVec<int>::from_pages(std::move(pages), 1);
    EXPECT_THAT(vec, ElementsAre(0));
    vec.shrink_to_fit();
    vec.clear();
    vec.shrink_to_fit();
    EXPECT_EQ(vec.capacity(), 0U);
    vec.push_back(3);
    EXPECT_THAT(vec, ElementsAre(3));
}

TEST(PagedVec, BecomesEmptyPagesWhenEmpty) {
    PagedVec<int> vec = PagedVec<int>::with_capacity(10);
    auto pages = std::move(vec).into_pages();
    EXPECT_EQ(pages.size(), 0U);
    vec = PagedVec<int>::from_pages(std::move(pages), 0);
    EXPECT_EQ(vec.capacity(), 0U);
    EXPECT_EQ(PagedVec<int>::try_from_pages({}, 1).error(), std::errc::invalid_argument);
}

TEST(PagedVec, BecomesPagesThatDoNotReturnToThePool) {
    PagePool pool;
    PagedVec<int>(pool).push_back(1);
    ASSERT_GT(pool.statistics().total_bytes, 0U);
    PagedVec<int> vec(pool);
    vec.push_back(7);
    const auto pages = std::move(vec).into_pages();
    vec = {};
    EXPECT_EQ(pool.statistics().total_bytes, 0U);
    EXPECT_EQ(pool.statistics().idle_bytes, 0U);
    EXPECT_EQ(pages.as<int>()[0], 7);
}

template <class T>
concept BecomesPages = requires(PagedVec<T> vec) { std::move(vec).into_pages(); };
static_assert(BecomesPages<int> && !BecomesPages<std::string>);

template <class T>
concept GivesItsFrontBack = requires(PagedVec<T> vec) { vec.decommit_front(1); };
static_assert(GivesItsFrontBack<int>);
static_assert(!GivesItsFrontBack<std::string>, "an element without its value cannot be destroyed");

// Pitfall: deny-is-not-free
TEST(PagedVec, FreesMemoryWhenItShrinks) {
    if (!probe::mapping_is_free()) {
        GTEST_SKIP() << "an emulator keeps memory of its own for each page";
    }
    const std::size_t before = probe::resident_bytes();
    PagedVec<std::uint64_t> vec(8_MiB, 7);
    vec.resize(1000);
    EXPECT_GE(probe::resident_bytes(), before + 60_MiB);
    vec.shrink_to_fit();
    EXPECT_LT(probe::resident_bytes(), before + 4_MiB);
    EXPECT_EQ(vec.capacity(), in_pages<std::uint64_t>(1000));
    EXPECT_FALSE(probe::can_read(vec.data() + vec.capacity()));
    EXPECT_EQ(vec[999], 7U);
    vec.resize(8_MiB);
    EXPECT_EQ(vec.back(), 0U);
    vec.clear();
    vec.shrink_to_fit();
    EXPECT_EQ(vec.capacity(), 0U);
    vec.push_back(9);
    EXPECT_THAT(vec, ElementsAre(9));
}

TEST(PagedVec, FreesItsAddressSpaceAtItsEnd) {
    if (!probe::mapping_is_free()) {
        GTEST_SKIP() << "an emulator keeps memory of its own for each page";
    }
    const std::size_t mappings = probe::mapping_count();
    const std::size_t space = probe::address_space_bytes();
    for (int i = 0; i < 100; ++i) {
        PagedVec<std::string> vec(100, "a text that is kept elsewhere, and given back");
        vec.reserve(vec.stable_capacity() + 1);
        PagedVec<std::string> other(vec);
        other = std::move(vec);
    }
    EXPECT_LT(probe::mapping_count(), mappings + 20);
    EXPECT_LT(probe::address_space_bytes(), space + 64_MiB);
}

// -- contract -------------------------------------------------------------------------------------

/// Whether this build checks contracts: tested by breaking one harmlessly.
bool contracts_are_checked() {
    return process::run_apart([] {
               PagedVec<int> vec = PagedVec<int>::with_capacity(1);
               (void)vec[0];
           }).signal != 0;
}

TEST(PagedVecContract, NamesTheBrokenPrecondition) {
    if (!contracts_are_checked()) {
        GTEST_SKIP() << "contracts are not checked in this build";
    }
    PagedVec<int> vec = {1, 2, 3};
    const PagedVec<int>& constant = vec;
    PagedVec<int> empty;
    const volatile std::ptrdiff_t last = 2;  // Volatile, so that no compiler foresees the result.
    EXPECT_DEATH((void)vec[5], "PagedVec::operator\\[\\]: index 5 is outside 3");
    EXPECT_DEATH((void)constant[3], "PagedVec::operator\\[\\]: index 3 is outside 3");
    EXPECT_DEATH((void)empty.front(), "PagedVec::front: ");
    EXPECT_DEATH((void)std::as_const(empty).back(), "PagedVec::back: ");
    EXPECT_DEATH(empty.pop_back(), "PagedVec::pop_back: ");
    EXPECT_DEATH((void)vec.remove(3), "PagedVec::remove: index 3 is outside 3");
    EXPECT_DEATH(vec.erase(vec.begin() + last + 1), "PagedVec::erase: index 3 is outside 3");
    EXPECT_DEATH(vec.erase(vec.begin() + last, vec.begin() + 1), "PagedVec::erase: ");
    EXPECT_DEATH(vec.erase(vec.begin(), vec.begin() + last + 2), "PagedVec::erase: ");
    EXPECT_DEATH(vec.insert(vec.begin() + last + 2, 1), "PagedVec::insert: ");
    EXPECT_DEATH(vec.insert(vec.begin() + last + 2, 2, 1), "PagedVec::insert: ");
    EXPECT_DEATH(vec.insert_range(vec.begin() + last - 3, constant), "PagedVec::insert: ");
}

}  // namespace
