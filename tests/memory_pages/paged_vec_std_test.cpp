// SPDX-License-Identifier: MIT
// PagedVec is a std::vector: its interface, its meanings, its guarantees.

#include "support/fails.hpp"
#include "support/fragile.hpp"

#include <memory_pages/paged_vec.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <forward_list>
#include <functional>
#include <iterator>
#include <limits>
#include <list>
#include <memory>
#include <mutex>
#include <numeric>
#include <random>
#include <ranges>
#include <span>
#include <sstream>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

using memory_pages::from_range;
using memory_pages::PagedVec;
using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::IsEmpty;

// -- types ----------------------------------------------------------------------------------------

using Ints = PagedVec<int>;

static_assert(std::is_nothrow_default_constructible_v<Ints>);
static_assert(std::is_nothrow_move_constructible_v<Ints>);
static_assert(std::is_nothrow_move_assignable_v<Ints>);
static_assert(std::is_nothrow_swappable_v<Ints>);
static_assert(std::is_nothrow_destructible_v<Ints>);
static_assert(std::copyable<Ints>);
static_assert(std::movable<PagedVec<std::unique_ptr<int>>>);
static_assert(std::totally_ordered<Ints>);
static_assert(std::three_way_comparable<Ints, std::strong_ordering>);
static_assert(std::three_way_comparable<PagedVec<double>, std::partial_ordering>);

static_assert(std::ranges::contiguous_range<Ints>);
static_assert(std::ranges::contiguous_range<const Ints>);
static_assert(std::ranges::sized_range<Ints>);
static_assert(std::ranges::common_range<Ints>);
static_assert(!std::ranges::borrowed_range<Ints>);
static_assert(!std::ranges::view<Ints>);
static_assert(std::contiguous_iterator<Ints::iterator>);
static_assert(std::contiguous_iterator<Ints::const_iterator>);
static_assert(std::convertible_to<Ints::iterator, Ints::const_iterator>);
static_assert(!std::convertible_to<Ints::const_iterator, Ints::iterator>);
static_assert(std::same_as<std::iterator_traits<Ints::iterator>::value_type, int>);
static_assert(std::same_as<std::iterator_traits<Ints::iterator>::reference, int&>);
static_assert(std::same_as<std::iterator_traits<Ints::const_iterator>::reference, const int&>);
static_assert(
    std::same_as<std::iterator_traits<Ints::iterator>::difference_type, Ints::difference_type>);

static_assert(std::same_as<Ints::value_type, int>);
static_assert(std::same_as<Ints::size_type, std::size_t>);
static_assert(std::same_as<Ints::difference_type, std::ptrdiff_t>);
static_assert(std::same_as<Ints::reference, int&>);
static_assert(std::same_as<Ints::const_reference, const int&>);
static_assert(std::same_as<Ints::pointer, int*>);
static_assert(std::same_as<Ints::const_pointer, const int*>);
static_assert(std::same_as<Ints::reverse_iterator, std::reverse_iterator<Ints::iterator>>);
static_assert(
    std::same_as<Ints::const_reverse_iterator, std::reverse_iterator<Ints::const_iterator>>);
static_assert(std::same_as<PagedVec<bool>::reference, bool&>);

static_assert(std::is_constructible_v<Ints, std::size_t>);
static_assert(!std::is_convertible_v<std::size_t, Ints>);
static_assert(std::is_constructible_v<Ints, int, int>);
static_assert(!std::is_constructible_v<Ints, std::string, std::string>);
static_assert(!std::is_constructible_v<Ints, std::string>);
static_assert(
    !std::is_constructible_v<Ints, memory_pages::from_range_t, std::vector<std::string>&>);
static_assert(!std::is_constructible_v<PagedVec<int*>, int, int>);

template <class Vec, class R>
concept Appends = requires(Vec vec, R range) { vec.append_range(range); };
static_assert(Appends<Ints, std::vector<short>>);
static_assert(!Appends<Ints, std::vector<std::string>>);
template <class Vec, class... Args>
concept Assigns = requires(Vec vec, Args... args) { vec.assign(args...); };
static_assert(Assigns<Ints, int, int>);
static_assert(!Assigns<Ints, std::string, std::string>);

/// Comparable with `<` only.
struct OnlyLess {
    int key;
    friend bool operator<(const OnlyLess& a, const OnlyLess& b) { return a.key < b.key; }
    friend bool operator==(const OnlyLess& a, const OnlyLess& b) = default;
};
static_assert(std::three_way_comparable<PagedVec<OnlyLess>, std::weak_ordering>);
struct Incomparable {};
static_assert(!std::three_way_comparable<PagedVec<Incomparable>>);

/// Contains its own type, which is incomplete where the member is declared.
struct Tree {
    int value = 0;
    PagedVec<Tree> children;
    bool operator==(const Tree&) const = default;
};

static_assert(std::same_as<decltype(PagedVec{1, 2}), PagedVec<int>>);
static_assert(std::same_as<decltype(PagedVec(std::size_t{2}, 1.5)), PagedVec<double>>);
static_assert(std::same_as<decltype(PagedVec(std::declval<std::list<char>&>().begin(),
                                             std::declval<std::list<char>&>().end())),
                           PagedVec<char>>);
static_assert(
    std::same_as<decltype(PagedVec(from_range, std::declval<std::list<char>&>())), PagedVec<char>>);
static_assert(std::same_as<decltype(PagedVec(std::declval<Ints&>())), Ints>);

std::istringstream stream_of(const char* text) { return std::istringstream(text); }

/// A range of unknown length that can be walked once.
auto once(std::istringstream& stream) { return std::views::istream<int>(stream); }

using Input = std::istream_iterator<int>;

// -- making and assigning -------------------------------------------------------------------------

TEST(PagedVecAsVector, ConstructsInEveryWay) {
    EXPECT_THAT(Ints(), IsEmpty());
    EXPECT_THAT(Ints(3), ElementsAre(0, 0, 0));
    EXPECT_THAT(Ints(2, 7), ElementsAre(7, 7));
    EXPECT_THAT((Ints{2, 7}), ElementsAre(2, 7));
    const std::list<short> shorts = {1, 2, 3};
    EXPECT_THAT(Ints(shorts.begin(), shorts.end()), ElementsAre(1, 2, 3));
    const std::array<long, 2> longs = {4, 5};
    EXPECT_THAT(Ints(longs.begin(), longs.end()), ElementsAre(4, 5));
    auto stream = stream_of("6 7 8");
    EXPECT_THAT(Ints(Input(stream), Input()), ElementsAre(6, 7, 8));
    EXPECT_THAT(Ints(from_range, shorts), ElementsAre(1, 2, 3));
    EXPECT_THAT(Ints(from_range, std::views::iota(0) | std::views::take(3)), ElementsAre(0, 1, 2));
    auto stream_again = stream_of("9 10");
    EXPECT_THAT(Ints(from_range, once(stream_again)), ElementsAre(9, 10));
    const Ints original = {1, 2};
    Ints copy(original);
    EXPECT_THAT(copy, ElementsAre(1, 2));
    EXPECT_NE(copy.data(), original.data());
    EXPECT_THAT(Ints(0), IsEmpty());
    EXPECT_THAT(Ints(0, 1), IsEmpty());
    EXPECT_THAT(Ints(shorts.end(), shorts.end()), IsEmpty());
}

TEST(PagedVecAsVector, MovesWithoutMovingItsElements) {
    PagedVec<std::string> source = {"a", "b"};
    const std::string* const data = source.data();
    PagedVec<std::string> target(std::move(source));
    EXPECT_EQ(target.data(), data);
    EXPECT_THAT(target, ElementsAre("a", "b"));
    PagedVec<std::string> other = {"gone"};
    other = std::move(target);
    EXPECT_EQ(other.data(), data);
    auto& same = other;
    other = std::move(same);
    EXPECT_THAT(other, ElementsAre("a", "b"));
}

TEST(PagedVecAsVector, IsEmptyAndUsableAfterAMove) {
    PagedVec<std::string> vec = {"a", "b"};
    const PagedVec<std::string> taken(std::move(vec));
    EXPECT_TRUE(vec.empty());  // NOLINT: this is what is promised
    EXPECT_EQ(vec.size(), 0U);
    EXPECT_EQ(vec.capacity(), 0U);
    EXPECT_EQ(vec.begin(), vec.end());
    EXPECT_EQ(vec, PagedVec<std::string>());
    vec.clear();
    vec.shrink_to_fit();
    vec.clear_decommit();
    EXPECT_FALSE(vec.pop());
    vec.push_back("c");
    EXPECT_THAT(vec, ElementsAre("c"));
    EXPECT_THAT(taken, ElementsAre("a", "b"));
}

TEST(PagedVecAsVector, AssignsInEveryWay) {
    Ints vec;
    vec = {1, 2, 3};
    EXPECT_THAT(vec, ElementsAre(1, 2, 3));
    const Ints other = {4, 5};
    vec = other;
    EXPECT_THAT(vec, ElementsAre(4, 5));
    const Ints& same = vec;
    vec = same;
    EXPECT_THAT(vec, ElementsAre(4, 5));
    vec.assign(3, 6);
    EXPECT_THAT(vec, ElementsAre(6, 6, 6));
    vec.assign(1, 7);
    EXPECT_THAT(vec, ElementsAre(7));
    vec.assign({8, 9});
    EXPECT_THAT(vec, ElementsAre(8, 9));
    const std::forward_list<long> longs = {1, 2, 3, 4};
    vec.assign(longs.begin(), longs.end());
    EXPECT_THAT(vec, ElementsAre(1, 2, 3, 4));
    auto stream = stream_of("5 6");
    vec.assign(Input(stream), Input());
    EXPECT_THAT(vec, ElementsAre(5, 6));
    vec.assign_range(longs);
    EXPECT_THAT(vec, ElementsAre(1, 2, 3, 4));
    auto stream_again = stream_of("7");
    vec.assign_range(once(stream_again));
    EXPECT_THAT(vec, ElementsAre(7));
    vec.assign_range(std::views::empty<int>);
    EXPECT_THAT(vec, IsEmpty());
}

// -- elements -------------------------------------------------------------------------------------

TEST(PagedVecAsVector, AccessesItsElements) {
    Ints vec = {1, 2, 3};
    const Ints& constant = vec;
    EXPECT_EQ(vec[1], 2);
    EXPECT_EQ(constant[2], 3);
    EXPECT_EQ(vec.at(0), 1);
    EXPECT_EQ(constant.at(2), 3);
    EXPECT_EQ(vec.front(), 1);
    EXPECT_EQ(constant.front(), 1);
    EXPECT_EQ(vec.back(), 3);
    EXPECT_EQ(constant.back(), 3);
    EXPECT_EQ(vec.data(), &vec[0]);
    EXPECT_EQ(constant.data(), &vec[0]);
    vec.at(1) = 5;
    vec.front() = 4;
    vec.back() = 6;
    EXPECT_THAT(vec, ElementsAre(4, 5, 6));
    EXPECT_EQ(std::span(vec).size(), 3U);
    EXPECT_OUT_OF_RANGE(vec.at(3));
    EXPECT_OUT_OF_RANGE(constant.at(SIZE_MAX));
}

TEST(PagedVecAsVector, IteratesForwardsAndBackwards) {
    Ints vec = {1, 2, 3};
    const Ints& constant = vec;
    EXPECT_TRUE(std::equal(vec.rbegin(), vec.rend(), std::array{3, 2, 1}.begin()));
    EXPECT_TRUE(std::equal(constant.rbegin(), constant.rend(), std::array{3, 2, 1}.begin()));
    EXPECT_TRUE(std::equal(vec.crbegin(), vec.crend(), std::array{3, 2, 1}.begin()));
    EXPECT_TRUE(std::equal(vec.cbegin(), vec.cend(), std::array{1, 2, 3}.begin()));
    *vec.rbegin() = 9;
    EXPECT_EQ(std::accumulate(constant.begin(), constant.end(), 0), 12);
    std::ranges::sort(vec, std::greater<>());
    EXPECT_THAT(vec, ElementsAre(9, 2, 1));
}

TEST(PagedVecAsVector, StoresBoolsAsBools) {
    PagedVec<bool> vec = {true, false, true};
    bool* const second = &vec[1];
    *second = true;
    EXPECT_THAT(vec, ElementsAre(true, true, true));
    EXPECT_EQ(vec.data() + 1, second);
}

TEST(PagedVecAsVector, CanBeNested) {
    Tree tree;
    tree.children.emplace_back();
    tree.children.push_back(tree);
    tree.children[1].value = 3;
    const Tree copy = tree;
    EXPECT_EQ(copy, tree);
    EXPECT_EQ(copy.children[1].children.size(), 1U);
}

TEST(PagedVecAsVector, Compares) {
    const Ints vec = {1, 2, 3};
    EXPECT_EQ(vec, (Ints{1, 2, 3}));
    EXPECT_NE(vec, (Ints{1, 2}));
    EXPECT_LT(vec, (Ints{1, 2, 4}));
    EXPECT_LT((Ints{1, 2}), vec);
    EXPECT_LE(vec, vec);
    EXPECT_GT((Ints{2}), vec);
    EXPECT_TRUE((vec <=> Ints{1, 3}) < 0);
    EXPECT_TRUE((vec <=> vec) == 0);
    const PagedVec<OnlyLess> a = {{1}, {2}};
    const PagedVec<OnlyLess> b = {{1}, {3}};
    EXPECT_TRUE(a < b);
    EXPECT_FALSE(a == b);
    EXPECT_TRUE((b <=> a) > 0);
    EXPECT_TRUE((a <=> a) == 0);
}

// -- changing -------------------------------------------------------------------------------------

TEST(PagedVecAsVector, Inserts) {
    PagedVec<std::string> vec;
    vec.push_back("b");
    const std::string constant = "c";
    vec.push_back(constant);
    EXPECT_EQ(vec.emplace_back(2U, 'd'), "dd");
    EXPECT_EQ(*vec.emplace(vec.begin(), 1U, 'a'), "a");
    EXPECT_EQ(*vec.insert(vec.begin() + 1, constant), "c");
    EXPECT_EQ(*vec.insert(vec.end(), "e"), "e");
    EXPECT_THAT(vec, ElementsAre("a", "c", "b", "c", "dd", "e"));
    const auto where = vec.insert(vec.begin() + 1, 2, "x");
    EXPECT_EQ(where, vec.begin() + 1);
    EXPECT_EQ(vec.insert(vec.cbegin() + 2, 0, "never"), vec.begin() + 2);
    EXPECT_THAT(vec, ElementsAre("a", "x", "x", "c", "b", "c", "dd", "e"));
    const auto at_end = vec.insert(vec.end(), {"y", "z"});
    EXPECT_EQ(at_end, vec.end() - 2);
    vec.erase(vec.begin(), vec.begin() + 7);
    EXPECT_THAT(vec, ElementsAre("e", "y", "z"));
}

TEST(PagedVecAsVector, InsertsRanges) {
    Ints vec = {1, 9};
    const std::list<short> shorts = {2, 3};
    EXPECT_EQ(vec.insert(vec.begin() + 1, shorts.begin(), shorts.end()), vec.begin() + 1);
    auto stream = stream_of("4 5");
    EXPECT_EQ(*vec.insert(vec.begin() + 3, Input(stream), Input()), 4);
    EXPECT_THAT(vec, ElementsAre(1, 2, 3, 4, 5, 9));
    EXPECT_EQ(*vec.insert_range(vec.begin() + 5, std::views::iota(6, 9)), 6);
    auto stream_again = stream_of("10 11");
    vec.append_range(once(stream_again));
    auto stream_at_last = stream_of("-1 0");
    EXPECT_EQ(vec.insert_range(vec.begin(), once(stream_at_last)), vec.begin());
    vec.append_range(std::array{12});
    Ints expected(14);
    std::iota(expected.begin(), expected.end(), -1);
    EXPECT_EQ(vec, expected);
}

/// Constructible explicitly from an int, and not assignable from one.
struct MadeOfInt {
    explicit MadeOfInt(int i) : value(i) {}
    int value;
};

TEST(PagedVecAsVector, NeedsNoMoreOfElementsThanVectorDoes) {
    const std::array ints = {1, 2, 3};
    PagedVec<MadeOfInt> made(ints.begin(), ints.end());
    made.insert(made.begin(), ints.begin(), ints.begin() + 1);
    made.insert(made.begin(), ints.begin(), ints.end());
    EXPECT_EQ(made.size(), 7U);
    EXPECT_EQ(made[3].value, 1);
    made.emplace_back(4);
    EXPECT_EQ(made.back().value, 4);
    PagedVec<std::mutex> mutexes(5);
    mutexes.emplace_back();
    mutexes[5].lock();
    mutexes[5].unlock();
    PagedVec<std::atomic<int>> atomics(3);
    EXPECT_EQ(++atomics[2], 1);
    PagedVec<std::unique_ptr<int>> owners;
    owners.push_back(std::make_unique<int>(1));
    owners.insert(owners.begin(), std::make_unique<int>(0));
    owners.resize(3);
    EXPECT_EQ(*owners[1], 1);
    std::vector<std::unique_ptr<int>> more(1);
    owners.insert(owners.begin(), std::make_move_iterator(more.begin()),
                  std::make_move_iterator(more.end()));
    EXPECT_EQ(owners.size(), 4U);
    int a = 1;
    int b = 2;
    PagedVec<std::reference_wrapper<int>> references;
    references.push_back(a);
    references.emplace_back(b);
    references[1].get() = 3;
    EXPECT_EQ(b, 3);
}

/// Overloads operators that a container must not use.
struct Guarded {
    explicit Guarded(int v = 0) : value(v) {}
    template <class T, class U>
    friend void operator,(T&&, U&&) = delete;
    template <class T>
    friend void operator&(T&&) = delete;
    bool operator==(const Guarded& other) const { return value == other.value; }
    int value;
};

TEST(PagedVecAsVector, IgnoresOverloadedOperatorsOfElements) {
    const std::list<Guarded> list = {Guarded(1), Guarded(2), Guarded(3)};
    PagedVec<Guarded> vec(list.begin(), list.end());
    PagedVec<Guarded> other;
    other = vec;
    EXPECT_TRUE(other == vec);
    other.insert(other.begin() + 1, list.begin(), list.end());
    other.insert(other.begin(), std::make_move_iterator(vec.begin()),
                 std::make_move_iterator(vec.end()));
    other.assign(list.begin(), list.end());
    other.append_range(list);
    EXPECT_EQ(other.size(), 6U);
    EXPECT_EQ(other[5].value, 3);
}

/// Small, trivially copyable, and not movable.
struct OnlyCopied {
    explicit OnlyCopied(int v) : value(v) {}
    OnlyCopied(const OnlyCopied&) = default;
    OnlyCopied(OnlyCopied&&) = delete;
    OnlyCopied& operator=(const OnlyCopied&) = default;
    ~OnlyCopied() = default;
    int value;
};

TEST(PagedVecAsVector, HoldsCopyOnlyElements) {
    PagedVec<OnlyCopied> vec;
    const OnlyCopied one(1);
    vec.push_back(one);
    vec.emplace_back(2);
    EXPECT_EQ(vec[0].value + vec[1].value, 3);
}

TEST(PagedVecAsVector, Erases) {
    Ints vec = {1, 2, 3, 4, 5, 6};
    EXPECT_EQ(*vec.erase(vec.begin() + 1), 3);
    const auto behind_last = vec.erase(vec.cend() - 1);
    EXPECT_EQ(behind_last, vec.end());
    EXPECT_EQ(*vec.erase(vec.begin(), vec.begin() + 2), 4);
    EXPECT_EQ(vec.erase(vec.begin(), vec.begin()), vec.begin());
    vec.pop_back();
    EXPECT_THAT(vec, ElementsAre(4));
    vec.clear();
    EXPECT_THAT(vec, IsEmpty());
    vec = {1, 2, 1, 3};
    EXPECT_EQ(erase(vec, 1L), 2U);
    EXPECT_EQ(erase_if(vec, [](int i) { return i > 2; }), 1U);
    EXPECT_THAT(vec, ElementsAre(2));
}

TEST(PagedVecAsVector, ResizesAndSwaps) {
    PagedVec<std::string> vec;
    vec.resize(2);
    vec.resize(3, "x");
    EXPECT_THAT(vec, ElementsAre("", "", "x"));
    vec.resize(1, "never");
    vec.resize(1);
    PagedVec<std::string> other = {"o"};
    swap(vec, other);
    EXPECT_THAT(vec, ElementsAre("o"));
    std::ranges::swap(vec, other);
    vec.swap(other);
    EXPECT_THAT(other, ElementsAre(""));
    vec.reserve(100);
    EXPECT_GE(vec.capacity(), 100U);
    const std::string* const data = vec.data();
    vec.resize(100);
    EXPECT_EQ(vec.data(), data);
    EXPECT_GT(vec.max_size(), std::size_t{1} << 50U);
    EXPECT_LENGTH_ERROR(vec.resize(vec.max_size() + 1));
    EXPECT_LENGTH_ERROR(vec.reserve(SIZE_MAX));
    EXPECT_LENGTH_ERROR(vec.insert(vec.begin(), SIZE_MAX, "x"));
    EXPECT_LENGTH_ERROR(Ints(SIZE_MAX / sizeof(int) + 2));
    EXPECT_BAD_ALLOC(vec.reserve(vec.max_size()));
    EXPECT_EQ(vec.size(), 100U);
}

TEST(PagedVecAsVector, NamesInsertRangeWhenItIsRefused) {
    PagedVec<std::int64_t> vec;
    // With a constant length GCC 12 warns of a copy that never happens.
    volatile std::int64_t largest = std::numeric_limits<std::int64_t>::max();
    const auto too_many = std::views::iota(std::int64_t{0}, std::int64_t{largest});
    EXPECT_FAILS_SAYING(vec.insert_range(vec.begin(), too_many),
                        testing::HasSubstr("PagedVec::insert_range: "));
}

// -- the same as std::vector, whatever is done ----------------------------------------------------

template <class T>
class PagedVecBesideVector : public testing::Test {};

/// Not trivially relocatable, and its text is not in the object.
std::string long_text(int i) { return "a text that is kept elsewhere: " + std::to_string(i); }

template <class T>
T made_of(int i) {
    if constexpr (std::same_as<T, std::string>) {
        return long_text(i);
    } else {
        return T(i);
    }
}

using ElementTypes = testing::Types<int, std::string, fragile::Element<fragile::Moves::never_throw>,
                                    fragile::Element<fragile::Moves::throw_too>>;
TYPED_TEST_SUITE(PagedVecBesideVector, ElementTypes);

/// What a random call gets.
template <class T>
struct Arguments {
    std::ptrdiff_t at;  ///< Up to `to`, which is up to the size.
    std::ptrdiff_t to;
    std::size_t count;
    T value;
    std::list<T> values;  ///< `count` times `value`.
};

/// Does the same to a model and to a `PagedVec` that equals it.
template <class T>
struct Operation {
    const char* name;
    void (*run)(std::vector<T>& model, PagedVec<T>& vec, const Arguments<T>& with);
};

template <class T>
const std::array<Operation<T>, 18> operations = {{
    {"push_back",
     [](auto& model, auto& vec, const auto& with) {
         model.push_back(with.value);
         vec.push_back(with.value);
     }},
    {"emplace_back",
     [](auto& model, auto& vec, const auto& with) {
         model.emplace_back(with.value);
         vec.emplace_back(with.value);
     }},
    {"insert one",
     [](auto& model, auto& vec, const auto& with) {
         model.insert(model.begin() + with.at, with.value);
         EXPECT_EQ(vec.insert(vec.begin() + with.at, with.value) - vec.begin(), with.at);
     }},
    {"insert copies",
     [](auto& model, auto& vec, const auto& with) {
         model.insert(model.begin() + with.at, with.count, with.value);
         EXPECT_EQ(vec.insert(vec.begin() + with.at, with.count, with.value) - vec.begin(),
                   with.at);
     }},
    {"insert from iterators",
     [](auto& model, auto& vec, const auto& with) {
         model.insert(model.begin() + with.at, with.values.begin(), with.values.end());
         vec.insert(vec.begin() + with.at, with.values.begin(), with.values.end());
     }},
    {"insert_range",
     [](auto& model, auto& vec, const auto& with) {
         model.insert(model.begin() + with.at, with.values.begin(), with.values.end());
         vec.insert_range(vec.begin() + with.at, with.values);
     }},
    {"append_range",
     [](auto& model, auto& vec, const auto& with) {
         model.insert(model.end(), with.values.begin(), with.values.end());
         vec.append_range(with.values);
     }},
    {"erase some",
     [](auto& model, auto& vec, const auto& with) {
         model.erase(model.begin() + with.at, model.begin() + with.to);
         EXPECT_EQ(vec.erase(vec.begin() + with.at, vec.begin() + with.to) - vec.begin(), with.at);
     }},
    {"erase one",
     [](auto& model, auto& vec, const auto& with) {
         if (with.to > with.at) {
             model.erase(model.begin() + with.at);
             vec.erase(vec.begin() + with.at);
         }
     }},
    {"pop_back",
     [](auto& model, auto& vec, const auto&) {
         if (!model.empty()) {
             model.pop_back();
             vec.pop_back();
         }
     }},
    {"resize with a value",
     [](auto& model, auto& vec, const auto& with) {
         model.resize(static_cast<std::size_t>(with.at), with.value);
         vec.resize(static_cast<std::size_t>(with.at), with.value);
     }},
    {"grow",
     [](auto& model, auto& vec, const auto& with) {
         model.resize(model.size() + with.count);
         vec.resize(vec.size() + with.count);
     }},
    {"assign",
     [](auto& model, auto& vec, const auto& with) {
         if (with.count == 0) {
             model.assign(30, with.value);
             vec.assign(30, with.value);
         }
     }},
    {"assign_range",
     [](auto& model, auto& vec, const auto& with) {
         if (with.count == 1) {
             model.assign(with.values.begin(), with.values.end());
             vec.assign_range(with.values);
         }
     }},
    {"insert elements of its own",
     [](auto& model, auto& vec, const auto& with) {
         if (!model.empty()) {
             model.insert(model.begin() + with.at, T(model.back()));
             vec.insert(vec.begin() + with.at, vec.back());
             model.insert(model.begin() + with.at, with.count, T(model.front()));
             vec.insert(vec.begin() + with.at, with.count, vec.front());
             model.push_back(T(model[model.size() / 2]));
             vec.push_back(vec[vec.size() / 2]);
         }
     }},
    {"copy and move",
     [](auto&, auto& vec, const auto&) {
         PagedVec<T> copy(vec);
         EXPECT_EQ(copy, vec);
         vec = std::move(copy);
     }},
    {"shrink_to_fit",
     [](auto&, auto& vec, const auto&) {
         vec.shrink_to_fit();
         EXPECT_GE(vec.capacity(), vec.size());
     }},
    {"clear when large",
     [](auto& model, auto& vec, const auto&) {
         if (vec.size() > 300) {
             model.clear();
             vec.clear();
         }
     }},
}};

TYPED_TEST(PagedVecBesideVector, MatchesVectorAfterRandomCalls) {
    using T = TypeParam;
    for (unsigned seed = 1; seed <= 3; ++seed) {
        std::mt19937 random(seed);
        const auto below = [&](std::size_t n) { return n == 0 ? 0 : random() % n; };
        std::vector<T> model;
        PagedVec<T> vec;
        for (int i = 0; i < 400; ++i) {
            const std::size_t at = below(model.size() + 1);
            const std::size_t to = at + below(model.size() + 1 - at);
            const std::size_t count = below(20);
            const T value = made_of<T>(i + 1);
            const Operation<T>& operation = operations<T>[below(operations<T>.size())];
            operation.run(model, vec,
                          {static_cast<std::ptrdiff_t>(at), static_cast<std::ptrdiff_t>(to), count,
                           value, std::list<T>(count, value)});
            ASSERT_THAT(vec, ElementsAreArray(model))
                << "seed " << seed << ", step " << i << ": " << operation.name;
        }
    }
}

// -- when constructors throw ----------------------------------------------------------------------

template <class T>
class PagedVecOfFragile : public testing::Test {
protected:
    static constexpr std::size_t many = 6;

    static PagedVec<T> make() {
        PagedVec<T> vec = PagedVec<T>::with_capacity(many);
        for (std::size_t i = 0; i < many; ++i) {
            vec.emplace_back(static_cast<int>(i));
        }
        return vec;
    }
    static std::vector<int> values_of(const PagedVec<T>& vec) {
        std::vector<int> values;
        for (const T& element : vec) {
            values.push_back(element.get());
        }
        return values;
    }

    enum class Promise { strong, basic };

    /// Makes `change` throw at each of its steps in turn.
    void expect_kept(Promise promise, const std::function<void(PagedVec<T>&)>& change) {
        bool broken = true;
        for (std::size_t steps = 1; broken; ++steps) {
            ASSERT_LT(steps, 1000U);
            const std::size_t others = fragile::living().size();
            {
                PagedVec<T> vec = make();
                const std::vector<int> before = values_of(vec);
                const T* const data = vec.data();
                broken = fragile::breaks(steps, [&] { change(vec); });
                if (broken && promise == Promise::strong) {
                    EXPECT_EQ(values_of(vec), before) << "at step " << steps;
                    EXPECT_EQ(vec.data(), data) << "at step " << steps;
                }
                EXPECT_EQ(fragile::living().size(), others + vec.size()) << "at step " << steps;
                vec.emplace_back(99);
                EXPECT_EQ(vec.back().get(), 99);
            }
            EXPECT_EQ(fragile::living().size(), others) << "at step " << steps;
        }
    }
    /// Makes `make_vec` throw at each of its steps in turn.
    void expect_nothing_left(const std::function<void()>& make_vec) {
        bool broken = true;
        for (std::size_t steps = 1; broken; ++steps) {
            ASSERT_LT(steps, 1000U);
            const std::size_t others = fragile::living().size();
            broken = fragile::breaks(steps, make_vec);
            EXPECT_EQ(fragile::living().size(), others) << "at step " << steps;
        }
    }
};

using Copyable = testing::Types<fragile::Element<fragile::Moves::never_throw>,
                                fragile::Element<fragile::Moves::throw_too>>;

template <class T>
class PagedVecOfFragileCopies : public PagedVecOfFragile<T> {};
TYPED_TEST_SUITE(PagedVecOfFragileCopies, Copyable);

// Pitfall: elements-twice
TYPED_TEST(PagedVecOfFragileCopies, AppendsAllOrNothingWhenACopyThrows) {
    using T = TypeParam;
    using Vec = PagedVec<T>;
    const T value(50);
    const std::list<T> values(4, value);
    const auto strong = [&](auto change) {
        this->expect_kept(PagedVecOfFragile<T>::Promise::strong, change);
    };
    strong([&](Vec& vec) { vec.push_back(value); });
    strong([&](Vec& vec) { vec.push_back(T(51)); });
    strong([&](Vec& vec) { vec.emplace_back(51); });
    strong([&](Vec& vec) { vec.push_back(vec[2]); });
    strong([&](Vec& vec) { (void)vec.try_push_back(value); });
    strong([&](Vec& vec) { (void)vec.push_within_capacity(value); });
    strong([&](Vec& vec) { vec.insert(vec.end(), value); });
    strong([&](Vec& vec) { vec.append_range(values); });
    strong([&](Vec& vec) { vec.insert(vec.end(), values.begin(), values.end()); });
    strong([&](Vec& vec) { vec.insert(vec.end(), 3, value); });
    strong([&](Vec& vec) { vec.resize(vec.size() + 3); });
    strong([&](Vec& vec) { vec.resize(vec.size() + 3, value); });
    strong([&](Vec& vec) { vec.reserve(10000); });
}

// Pitfall: elements-twice
TYPED_TEST(PagedVecOfFragileCopies, StaysValidWhenACopyThrows) {
    using T = TypeParam;
    using Vec = PagedVec<T>;
    const T value(50);
    const std::list<T> values(4, value);
    const Vec other(9, value);
    const auto basic = [&](auto change) {
        this->expect_kept(PagedVecOfFragile<T>::Promise::basic, change);
    };
    for (const std::ptrdiff_t at : {0, 3, 5}) {
        basic([&](Vec& vec) { vec.insert(vec.begin() + at, value); });
        basic([&](Vec& vec) { vec.insert(vec.begin() + at, T(51)); });
        basic([&](Vec& vec) { vec.insert(vec.begin() + at, vec[4]); });
        basic([&](Vec& vec) { vec.insert(vec.begin() + at, 2, vec[4]); });
        basic([&](Vec& vec) { vec.insert(vec.begin() + at, 5, value); });
        basic([&](Vec& vec) { vec.emplace(vec.begin() + at, 51); });
        basic([&](Vec& vec) { vec.insert(vec.begin() + at, values.begin(), values.end()); });
        basic([&](Vec& vec) { vec.insert_range(vec.begin() + at, values); });
        basic([&](Vec& vec) { vec.erase(vec.begin() + at); });
        basic([&](Vec& vec) { (void)vec.remove(static_cast<std::size_t>(at)); });
    }
    basic([&](Vec& vec) { vec = other; });
    basic([&](Vec& vec) { vec = {value, value}; });
    basic([&](Vec& vec) { vec.assign(3, vec[1]); });
    basic([&](Vec& vec) { vec.assign(12, value); });
    basic([&](Vec& vec) { vec.assign(values.begin(), values.end()); });
    basic([&](Vec& vec) { vec.assign_range(values); });
    basic([&](Vec& vec) { (void)vec.pop(); });
    basic([&](Vec& vec) { erase(vec, T(2)); });
}

// Pitfall: elements-twice
TYPED_TEST(PagedVecOfFragileCopies, LeavesNothingBehindWhenConstructionThrows) {
    using T = TypeParam;
    using Vec = PagedVec<T>;
    const T value(50);
    const std::list<T> values(4, value);
    const Vec other(5, value);
    this->expect_nothing_left([&] { const Vec vec(5); });
    this->expect_nothing_left([&] { const Vec vec(5, value); });
    this->expect_nothing_left([&] { const Vec vec(values.begin(), values.end()); });
    this->expect_nothing_left([&] { const Vec vec(from_range, values); });
    this->expect_nothing_left([&] { const Vec vec{value, value}; });
    this->expect_nothing_left([&] { const Vec vec(other); });
    this->expect_nothing_left([&] {
        auto stream = stream_of("1 2 3");
        const Vec vec(Input(stream), Input{});
    });
}

using PagedVecOfMoveOnly = PagedVecOfFragile<fragile::Element<fragile::Moves::are_all_there_is>>;

TEST_F(PagedVecOfMoveOnly, StaysValidWhenAMoveThrows) {
    using Vec = PagedVec<fragile::Element<fragile::Moves::are_all_there_is>>;
    expect_kept(Promise::strong, [](Vec& vec) { vec.emplace_back(51); });
    expect_kept(Promise::strong, [](Vec& vec) { vec.push_back(51); });
    expect_kept(Promise::strong, [](Vec& vec) { vec.resize(vec.size() + 2); });
    expect_kept(Promise::basic, [](Vec& vec) { vec.emplace(vec.begin(), 51); });
    expect_kept(Promise::basic, [](Vec& vec) { vec.insert(vec.begin() + 2, 51); });
    expect_kept(Promise::basic, [](Vec& vec) { vec.erase(vec.begin()); });
    expect_kept(Promise::basic, [](Vec& vec) { (void)vec.pop(); });
    expect_kept(Promise::basic, [](Vec& vec) { (void)vec.remove(1); });
}

}  // namespace
