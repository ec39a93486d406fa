// SPDX-License-Identifier: MIT
// PagedVec on all kinds of systems when the system refuses.

#include "machines.hpp"
#include "support/fails.hpp"

#include <memory_pages/page_pool.hpp>
#include <memory_pages/paged_vec.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <iterator>
#include <list>
#include <memory>
#include <new>
#include <ranges>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

using namespace memory_pages;
using fake::Access;
using fake::Verb;

/// Not trivially relocatable: tracks its address, and the number of living objects.
class Tracked {
public:
    Tracked(std::uint32_t value = 0) : value_(value), self_(this) { ++living; }  // NOLINT
    Tracked(const Tracked& other) : value_(other.value_), self_(this) { ++living; }
    Tracked(Tracked&& other) noexcept : value_(other.value_), self_(this) {
        other.value_ = moved_from;
        ++living;
    }
    Tracked& operator=(const Tracked& other) {  // NOLINT: itself is harmless
        value_ = other.value_;
        return *this;
    }
    Tracked& operator=(Tracked&& other) noexcept {
        value_ = std::exchange(other.value_, moved_from);
        return *this;
    }
    ~Tracked() { --living; }

    friend bool operator==(const Tracked& a, const Tracked& b) {
        return a.value_ == b.value_ && a.self_ == &a;
    }

    static inline std::ptrdiff_t living = 0;

private:
    static constexpr std::uint32_t moved_from = 0xDEAD;

    std::uint32_t value_;
    const Tracked* self_;
};

/// Owns an object, and is made from its former owner.
template <bool moves_with_its_pages>
struct Owner {
    Owner(std::uint32_t value = 0) : owned(std::make_unique<std::uint32_t>(value)) {}    // NOLINT
    Owner(std::unique_ptr<std::uint32_t>&& other) noexcept : owned(std::move(other)) {}  // NOLINT
    friend bool operator==(const Owner& a, const Owner& b) {
        return a.owned && b.owned && *a.owned == *b.owned;
    }

    std::unique_ptr<std::uint32_t> owned;
};

}  // namespace

template <>
struct memory_pages::is_trivially_relocatable<Owner<true>> : std::true_type {};

namespace {

class FaultyVec : public fake::EveryMachine {
protected:
    ~FaultyVec() override { EXPECT_EQ(Tracked::living, 0); }

    /// A vector whose committed memory is full, with reserved space behind it.
    template <class T>
    static PagedVec<T> full() {
        PagedVec<T> vec = PagedVec<T>::with_capacity(1);
        return fill(std::move(vec));
    }

    /// A vector whose memory and address space are full, so that it must move.
    template <class T>
    static PagedVec<T> cramped() {
        fake::machine().address_space = fake::bytes_of_address_space() + 2 * page();
        PagedVec<T> vec = PagedVec<T>::with_capacity(2 * page() / sizeof(T));
        fake::machine().address_space = fake::Machine::plenty;
        EXPECT_EQ(vec.stable_capacity(), vec.capacity());
        return fill(std::move(vec));
    }

    template <class T>
    static PagedVec<T> fill(PagedVec<T> vec) {
        while (vec.push_within_capacity(T(number(vec.size())))) {
        }
        return vec;
    }

    static std::uint32_t number(std::size_t i) { return static_cast<std::uint32_t>(3 * i + 1); }

    template <class T>
    static bool starts_as_filled(const PagedVec<T>& vec, std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) {
            if (!(vec[i] == T(number(i)))) {
                return false;
            }
        }
        return true;
    }

    /// Refuses each call that `change` makes. Then the vector is unchanged, or `change` succeeded
    /// with less memory; `done` tells whether it did.
    template <class T>
    static void expect_all_or_nothing(const std::function<PagedVec<T>()>& make,
                                      const std::function<std::error_code(PagedVec<T>&)>& change,
                                      const std::function<bool(const PagedVec<T>&)>& done) {
        const std::size_t size = make().size();
        const std::ptrdiff_t others = Tracked::living;
        const std::size_t calls =
            fake::refuse_each_call(make, change, [&](PagedVec<T>& vec, std::error_code error) {
                if (error) {
                    EXPECT_EQ(vec.size(), size);
                    EXPECT_TRUE(starts_as_filled(vec, size));
                } else {
                    EXPECT_TRUE(done(vec));
                }
                expect_sound(vec);
                if constexpr (std::is_same_v<T, Tracked>) {
                    EXPECT_EQ(Tracked::living - others, static_cast<std::ptrdiff_t>(vec.size()));
                }
            });
        EXPECT_GE(calls, 1U);
        EXPECT_EQ(fake::areas_left(), 0U);
        EXPECT_EQ(Tracked::living, others);
    }

    /// The invariant of any vector: one reservation, of which only the capacity is usable.
    template <class T>
    static void expect_sound(const PagedVec<T>& vec) {
        EXPECT_LE(vec.size(), vec.capacity());
        EXPECT_LE(vec.capacity(), std::max(vec.stable_capacity(), vec.capacity()));
        EXPECT_EQ(fake::areas_left(), vec.data() == nullptr ? 0U : 1U);
        const auto* const base = reinterpret_cast<const std::byte*>(vec.data());
        EXPECT_TRUE(fake::is_all(base, vec.capacity() * sizeof(T), Access::read_write));
        EXPECT_EQ(fake::bytes_in_use() / sizeof(T), vec.capacity());
    }

    static std::error_code error_of(const auto& result) {
        return result ? std::error_code() : result.error();
    }
    static std::error_code attempted(auto act) {
        return fails::is_refused(act) ? fake::refusal : std::error_code();
    }

    /// Everything that makes a vector larger, refused at each call.
    template <class T>
    static void expect_growing_is_all_or_nothing(const std::function<PagedVec<T>()>& make) {
        using Vec = PagedVec<T>;
        const std::size_t size = make().size();
        const T extra(7);
        const std::vector<T> more(2 * page() / sizeof(T), extra);
        const auto has_added = [=](std::size_t at, std::size_t count) {
            return [=](const Vec& vec) {
                return vec.size() == size + count && starts_as_filled(vec, at) &&
                       std::all_of(vec.begin() + at, vec.begin() + at + count,
                                   [&](const T& value) { return value == extra; });
            };
        };
        expect_all_or_nothing<T>(
            make, [&](Vec& vec) { return error_of(vec.try_push_back(extra)); }, has_added(size, 1));
        expect_all_or_nothing<T>(
            make, [&](Vec& vec) { return attempted([&] { vec.push_back(extra); }); },
            has_added(size, 1));
        expect_all_or_nothing<T>(
            make, [&](Vec& vec) { return error_of(vec.try_reserve(size + 1)); },
            has_added(size, 0));
        expect_all_or_nothing<T>(
            make, [&](Vec& vec) { return error_of(vec.try_reserve_exact(size + more.size())); },
            [=](const Vec& vec) {
                return vec.capacity() >= size + 2 * page() / sizeof(T) && vec.size() == size;
            });
        expect_all_or_nothing<T>(
            make,
            [&](Vec& vec) { return attempted([&] { vec.resize(size + more.size(), extra); }); },
            has_added(size, more.size()));
        expect_all_or_nothing<T>(
            make, [&](Vec& vec) { return attempted([&] { vec.append_range(more); }); },
            has_added(size, more.size()));
        expect_all_or_nothing<T>(
            make, [&](Vec& vec) { return attempted([&] { vec.insert(vec.begin() + 2, extra); }); },
            has_added(2, 1));
        expect_all_or_nothing<T>(
            make,
            [&](Vec& vec) {
                return attempted([&] { vec.insert(vec.begin() + 2, more.size(), extra); });
            },
            has_added(2, more.size()));
        expect_all_or_nothing<T>(
            make,
            [&](Vec& vec) { return attempted([&] { vec.assign(size + more.size(), extra); }); },
            [&](const Vec& vec) {
                return vec.size() == size + more.size() && vec.front() == extra &&
                       vec.back() == extra;
            });
        // An element of the vector itself.
        expect_all_or_nothing<T>(
            make, [&](Vec& vec) { return attempted([&] { vec.push_back(vec[2]); }); },
            [=](const Vec& vec) { return vec.size() == size + 1 && vec.back() == T(number(2)); });
        expect_all_or_nothing<T>(
            make,
            [&](Vec& vec) { return attempted([&] { vec.insert(vec.begin(), 3, vec.back()); }); },
            [=](const Vec& vec) {
                return vec.size() == size + 3 && vec[0] == T(number(size - 1)) &&
                       vec[2] == T(number(size - 1)) && vec[3] == T(number(0));
            });
    }
};

INSTANTIATE_TEST_SUITE_P(, FaultyVec, testing::ValuesIn(fake::every_machine),
                         fake::name_of_machine);

// Pitfall: refusal-leaks
TEST_P(FaultyVec, GrowsOrIsUnchanged) {
    expect_growing_is_all_or_nothing<std::uint32_t>(full<std::uint32_t>);
    expect_growing_is_all_or_nothing<Tracked>(full<Tracked>);
}

// Pitfall: elements-twice
TEST_P(FaultyVec, MovesOrIsUnchanged) {
    expect_growing_is_all_or_nothing<std::uint32_t>(cramped<std::uint32_t>);
    expect_growing_is_all_or_nothing<Tracked>(cramped<Tracked>);
}

/// Everything that moves from its arguments, refused where possible: no argument and no element is
/// moved from.
template <class T>
class RefusedArguments {
public:
    using Vec = PagedVec<T>;
    using Make = std::function<Vec()>;

    /// `stop` is called once the vector is made, and stops it from growing.
    RefusedArguments(Make make, std::function<void()> stop)
        : make_(std::move(make)), stop_(std::move(stop)) {}

    void expect_kept() const {
        for (const bool is_front : {true, false}) {
            const auto at = [=](Vec& vec) { return is_front ? vec.begin() : vec.end(); };
            expect_kept([=](Vec& vec, Owned& owned) { vec.emplace(at(vec), std::move(owned)); });
            expect_kept([=](Vec& vec, Owned&) { vec.insert(at(vec), std::move(vec[1])); });
            expect_kept([=](Vec& vec, Owned&) { vec.emplace(at(vec), std::move(vec[1].owned)); });
            expect_kept_of_many([=](Vec& vec, auto first, auto last) {
                vec.insert(at(vec), std::move_iterator(first), std::move_iterator(last));
            });
            expect_kept_of_many([=](Vec& vec, auto first, auto last) {
                vec.insert_range(at(vec), rvalues(first, last));
            });
        }
        expect_kept([](Vec& vec, Owned& owned) { vec.emplace_back(std::move(owned)); });
        expect_kept([](Vec& vec, Owned&) { vec.emplace_back(std::move(vec[1].owned)); });
        expect_kept([](Vec& vec, Owned&) { vec.push_back(std::move(vec[1])); });
        expect_kept([](Vec& vec, Owned&) { vec.push(std::move(vec[1])); });
        expect_kept([](Vec& vec, Owned&) {
            if (!vec.try_push_back(std::move(vec[1]))) {
                fail_as_others_do();
            }
        });
        expect_kept_of_many(
            [](Vec& vec, auto first, auto last) { vec.append_range(rvalues(first, last)); });
        // More than any full vector has room for once its own elements are gone.
        expect_kept_of_many([](Vec& vec, auto first, auto last) {
            vec.assign(std::move_iterator(first), std::move_iterator(last));
        });
        expect_kept_of_many(
            [](Vec& vec, auto first, auto last) { vec.assign_range(rvalues(first, last)); });
    }

private:
    using Owned = std::unique_ptr<std::uint32_t>;

    static auto rvalues(auto first, auto last) {
        return std::ranges::subrange(std::move_iterator(first), std::move_iterator(last),
                                     static_cast<std::size_t>(std::distance(first, last)));
    }
    static void fail_as_others_do() {
#if defined(__cpp_exceptions)
        throw std::bad_alloc();
#else
        std::abort();
#endif
    }

    void expect_kept(const std::function<void(Vec&, Owned&)>& change) const {
        Vec vec = make_();
        const std::size_t size = vec.size();
        Owned owned = std::make_unique<std::uint32_t>(5);
        stop_();
        EXPECT_TRUE(fails::is_refused([&] { change(vec, owned); }));
        EXPECT_TRUE(owned != nullptr && *owned == 5);
        expect_as_it_was(vec, size);
    }
    void expect_kept_of_many(const auto& change) const {
        Vec vec = make_();
        const std::size_t size = vec.size();
        std::vector<T> source;
        for (std::size_t i = 0; i <= size; ++i) {
            source.emplace_back(7);
        }
        stop_();
        EXPECT_TRUE(fails::is_refused([&] { change(vec, source.begin(), source.end()); }));
        EXPECT_EQ(std::ranges::count(source, T(7)), std::ranges::ssize(source));
        expect_as_it_was(vec, size);
    }
    static void expect_as_it_was(const Vec& vec, std::size_t size) {
        EXPECT_EQ(vec.size(), size);
        std::uint32_t i = 0;
        for (const T& element : vec) {
            EXPECT_EQ(element, T(3 * i++ + 1));
        }
        fake::machine().memory = fake::Machine::plenty;
        fake::machine().address_space = fake::Machine::plenty;
    }

    Make make_;
    std::function<void()> stop_;
};

// Pitfall: refusal-takes-arguments
TEST_P(FaultyVec, LeavesArgumentsUntouchedWhenRefused) {
    const auto nothing = [] {};
    const auto no_memory = [] { fake::machine().memory = fake::bytes_charged(); };
    const auto no_address_space = [] {
        fake::machine().address_space = fake::bytes_of_address_space();
    };
    const auto expect_kept = [&]<class T>(std::type_identity<T>) {
        const auto bounded = [] { return fill(PagedVec<T>::with_max_capacity(3, 3)); };
        RefusedArguments<T>(bounded, nothing).expect_kept();
        RefusedArguments<T>(full<T>, no_memory).expect_kept();
        RefusedArguments<T>(cramped<T>, no_memory).expect_kept();
        RefusedArguments<T>(cramped<T>, no_address_space).expect_kept();
    };
    expect_kept(std::type_identity<Owner<true>>());
    expect_kept(std::type_identity<Owner<false>>());
}

TEST_P(FaultyVec, IsConstructedOrLeavesNothingBehind) {
    using Vec = PagedVec<Tracked>;
    const std::list<Tracked> source(2 * page() / sizeof(Tracked), Tracked(9));
    const auto is_like_source = [&](const Vec& vec) {
        return std::equal(vec.begin(), vec.end(), source.begin(), source.end());
    };
    const auto expect_made = [&](auto make_vec) {
        const std::size_t calls = fake::refuse_each_call(
            [] { return Vec(); }, [&](Vec& vec) { return attempted([&] { vec = make_vec(); }); },
            [&](Vec& vec, std::error_code error) {
                EXPECT_TRUE(error ? vec.empty() : is_like_source(vec));
            });
        EXPECT_GE(calls, 2U);
        EXPECT_EQ(fake::areas_left(), 0U);
    };
    expect_made([&] { return Vec(source.begin(), source.end()); });
    expect_made([&] { return Vec(source.size(), Tracked(9)); });
    expect_made([&] { return Vec(from_range, source); });
    const auto like_source = std::make_unique<Vec>(source.begin(), source.end());
    const std::size_t calls = fake::refuse_each_call(
        [] { return Vec(); }, [&](Vec& vec) { return attempted([&] { vec = *like_source; }); },
        [&](Vec& vec, std::error_code error) {
            EXPECT_TRUE(error ? vec.empty() : is_like_source(vec));
        });
    EXPECT_GE(calls, 2U);
}

TEST_P(FaultyVec, IsConstructedWithACapacityOrLeavesNothingBehind) {
    using Vec = PagedVec<std::uint64_t>;
    for (const auto& make_vec : std::array<Result<Vec> (*)(), 2>{
             [] { return Vec::try_with_capacity(page()); },
             [] { return Vec::try_with_max_capacity(page(), 3 * page()); }}) {
        const std::size_t calls =
            fake::refuse_each_call([] { return 0; },
                                   [&](int) -> std::error_code {
                                       const auto vec = make_vec();
                                       return vec ? std::error_code() : vec.error();
                                   },
                                   [](int, std::error_code) { EXPECT_EQ(fake::areas_left(), 0U); });
        EXPECT_GE(calls, 2U);
    }
}

TEST_P(FaultyVec, NamesTheRefusedRequest) {
    fake::machine().memory = page();
    using Vec = PagedVec<std::uint32_t>;
    EXPECT_BAD_ALLOC(Vec(page()));
    EXPECT_EQ(error_of(Vec::try_with_capacity(page())), PageError::commit_limit);
    fake::machine().address_space = 4 * page();
    EXPECT_BAD_ALLOC(Vec::with_max_capacity(1, 2 * page()));
    EXPECT_EQ(error_of(Vec::try_with_max_capacity(1, 2 * page())), PageError::address_space_limit);
    EXPECT_LENGTH_ERROR(Vec::with_max_capacity(2, 1));
    EXPECT_LENGTH_ERROR(Vec().reserve(SIZE_MAX));
    EXPECT_EQ(fake::areas_left(), 0U);
}

// -- doing with less ------------------------------------------------------------------------------

TEST_P(FaultyVec, ReservesLessWhenLessIsAvailable) {
    fake::machine().address_space = 64 * page();
    PagedVec<std::uint8_t> vec;
    vec.push_back(1);
    EXPECT_GT(vec.stable_capacity(), 32 * page());
    EXPECT_LE(vec.stable_capacity(), 64 * page());
}

TEST_P(FaultyVec, ReservesLittleUnderALimitOnAddressSpace) {
    constexpr std::size_t limit = std::size_t{1200} << 20;
    fake::machine().address_space = limit;
    fake::machine().address_space_limit = limit;
    PagePool pool;
    std::vector<PagedVec<std::uint8_t>> vecs(16);
    for (auto& vec : vecs) {
        vec.push_back(1);
        EXPECT_LE(vec.stable_capacity(), limit / 64 + page());
        EXPECT_GE(vec.stable_capacity(), limit / 128);
    }
    EXPECT_LE(PagedVec<std::uint8_t>(pool).stable_capacity(), limit / 64 + page());
    // Beyond that the vector doubles, and may use what is available.
    PagedVec<std::uint8_t>& vec = vecs.front();
    vec.reserve(limit / 16);
    EXPECT_GE(vec.stable_capacity(), limit / 8);
    EXPECT_LE(vec.stable_capacity(), limit / 8 + page());
    vec.reserve_exact(limit / 2);
    EXPECT_EQ(vec.size(), 1U);
}

// Pitfall: charge-too-large
TEST_P(FaultyVec, CommitsJustEnoughWhenDoublingIsRefused) {
    auto vec = PagedVec<std::uint8_t>::with_capacity(64 * page());
    vec.resize(vec.capacity());
    fake::machine().memory = 65 * page();
    vec.push_back(7);
    EXPECT_EQ(vec.capacity(), 65 * page());
    while (vec.size() < vec.capacity()) {
        vec.push_back(7);
    }
    EXPECT_EQ(error_of(vec.try_push_back(7)), PageError::commit_limit);
    EXPECT_BAD_ALLOC(vec.push_back(7));
    EXPECT_EQ(vec.size(), 65 * page());
    EXPECT_EQ(vec.back(), 7);
    fake::machine().memory = fake::Machine::plenty;
    vec.push_back(8);
    EXPECT_EQ(vec.capacity(), 130 * page());
}

// Pitfall: address-space-lock
TEST_P(FaultyVec, GrowsInFewCalls) {
    PagedVec<std::uint8_t> vec;
    fake::forget_calls();
    for (std::size_t i = 0; i < (std::size_t{1} << 22U); ++i) {
        vec.push_back(static_cast<std::uint8_t>(i));
    }
    EXPECT_LE(fake::calls().size(), 9U) << "one reservation, and 64 KiB doubled up to 4 MiB";
    EXPECT_EQ(fake::count_of(Verb::reserve), 1U);
}

// Pitfall: map-over-splits
TEST_P(FaultyVec, KeepsItsMemoryWhenShrinkIsRefused) {
    PagedVec<std::uint32_t> vec = full<std::uint32_t>();
    vec.reserve_exact(vec.size() + 4 * page());
    vec.resize(1);
    const std::size_t calls = fake::refuse_each_call([] { return 0; },
                                                     [&](int) {
                                                         vec.reserve_exact(5 * page());
                                                         vec.shrink_to_fit();
                                                         return std::error_code();
                                                     },
                                                     [&](int, std::error_code) {
                                                         EXPECT_EQ(vec.size(), 1U);
                                                         EXPECT_EQ(vec[0], number(0));
                                                         expect_sound(vec);
                                                     },
                                                     {.verb = Verb::uncommit});
    EXPECT_EQ(calls, 1U);
    EXPECT_EQ(vec.capacity(), page() / sizeof(std::uint32_t));
}

// -- giving back ----------------------------------------------------------------------------------

// Pitfall: macos-dontneed-keeps
TEST_P(FaultyVec, NeverExpectsDecommittedMemoryToBeZero) {
    PagedVec<std::uint32_t> vec(4 * page());
    std::ranges::fill(vec, 5U);
    vec.clear_decommit();
    EXPECT_TRUE(vec.empty());
    EXPECT_EQ(*reinterpret_cast<const std::byte*>(vec.data()), fake::indeterminate)
        << "this system leaves no zeros";
    fake::forget_calls();
    vec.resize(2 * page());
    EXPECT_TRUE(fake::calls().empty()) << "the capacity was kept";
    EXPECT_TRUE(std::ranges::all_of(vec, [](std::uint32_t value) { return value == 0; }));
    vec.clear_decommit();
    vec.push_back(3);
    vec.emplace_back();
    EXPECT_EQ(vec[0], 3U);
    EXPECT_EQ(vec[1], 0U);
}

TEST_P(FaultyVec, IsEmptyEvenWhenDecommitIsRefused) {
    PagedVec<Tracked> vec = full<Tracked>();
    const std::size_t capacity = vec.capacity();
    fake::fail({.verb = Verb::decommit, .error = fake::refusal});
    EXPECT_EQ(error_of(vec.try_clear_decommit()), fake::refusal);
    fake::stop_failing();
    EXPECT_TRUE(vec.empty());
    EXPECT_EQ(vec.capacity(), capacity);
    vec.push_back(Tracked(1));
    fake::fail({.verb = Verb::decommit, .error = fake::refusal});
    EXPECT_FAILS(vec.clear_decommit(), std::errc::device_or_resource_busy);
    fake::stop_failing();
}

TEST_P(FaultyVec, KeepsItsElementsWhenIntoPagesIsRefused) {
    PagedVec<std::uint32_t> vec(2 * page(), 5);
    vec.reserve(4 * page());
    const std::size_t capacity = vec.capacity();
    fake::fail({.verb = Verb::uncommit, .error = fake::refusal});
    EXPECT_EQ(error_of(std::move(vec).try_into_pages()), fake::refusal);
    EXPECT_EQ(vec.size(), 2 * page());  // NOLINT(bugprone-use-after-move): refused
    EXPECT_EQ(vec.capacity(), capacity);
    fake::stop_failing();
    auto pages = std::move(vec).into_pages();
    EXPECT_EQ(pages.size(), 8 * page());
    vec = PagedVec<std::uint32_t>::from_pages(std::move(pages), 2 * page());
    EXPECT_TRUE(std::ranges::all_of(vec, [](std::uint32_t value) { return value == 5; }));
}

TEST_P(FaultyVec, KeepsItsElementsWhenDecommitFrontIsRefused) {
    PagedVec<std::uint32_t> vec(2 * page(), 5);
    fake::fail({.verb = Verb::decommit, .error = fake::refusal});
    EXPECT_EQ(error_of(vec.try_decommit_front(page())), fake::refusal);
    fake::fail({.verb = Verb::decommit, .error = fake::refusal});
    EXPECT_FAILS(vec.decommit_front(page()), std::errc::device_or_resource_busy);
    fake::stop_failing();
    EXPECT_TRUE(std::ranges::all_of(vec, [](std::uint32_t value) { return value == 5; }));
    vec.decommit_front(page());
    EXPECT_EQ(*reinterpret_cast<const std::byte*>(vec.data()), fake::indeterminate);
    EXPECT_EQ(vec[page()], 5U);
}

TEST_P(FaultyVec, KeepsItsElementsWhenAHintIsRefused) {
    PagedVec<std::uint32_t> vec = full<std::uint32_t>();
    const std::size_t size = vec.size();
    fake::fail({.verb = Verb::advise, .error = fake::refusal});
    EXPECT_EQ(error_of(vec.try_advise(Advice::random)), fake::refusal);
    fake::fail({.verb = Verb::advise, .error = fake::refusal});
    EXPECT_FAILS(vec.advise_use_soon(), std::errc::device_or_resource_busy);
    fake::stop_failing();
    EXPECT_TRUE(starts_as_filled(vec, size));
    fake::forget_calls();
    vec.advise_use_seq(1, 0);
    PagedVec<int>().advise_use_rnd();
    EXPECT_TRUE(fake::calls().empty());
}

TEST_P(FaultyVec, HasTheRequestedCapacityInWholePages) {
    for (const std::size_t count : {std::size_t{1}, page() / 4, page() / 4 + 1, 5 * page()}) {
        auto vec = PagedVec<std::uint32_t>::with_capacity(count);
        EXPECT_EQ(vec.capacity() * 4, (count * 4 + page() - 1) / page() * page());
        EXPECT_EQ(fake::bytes_charged(), vec.capacity() * 4);
    }
}

}  // namespace
