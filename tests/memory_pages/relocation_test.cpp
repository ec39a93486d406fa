// SPDX-License-Identifier: MIT
// Objects that stay themselves where their bytes are moved.
#include <memory_pages/paged_vec.hpp>
#include <memory_pages/relocation.hpp>

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

namespace {

using memory_pages::is_trivially_relocatable;
using memory_pages::is_trivially_relocatable_v;
using memory_pages::PagedVec;

/// Owns a number, counts how often one is moved, and is so large that few fill a reservation.
template <bool is_relocatable>
class Handle {
public:
    explicit Handle(int number) : number_(std::make_unique<int>(number)) {}
    Handle(Handle&& other) noexcept : number_(std::move(other.number_)) { ++moves; }
    Handle& operator=(Handle&& other) noexcept {
        number_ = std::move(other.number_);
        ++moves;
        return *this;
    }
    ~Handle() {}  // NOLINT(modernize-use-equals-default): nobody touches the padding

    [[nodiscard]] int number() const { return *number_; }

    static inline int moves = 0;

private:
    union Padding {
        Padding() {}  // NOLINT(modernize-use-equals-default): leaves it alone
        std::array<std::byte, std::size_t{1} << 18> untouched;
    };
    std::unique_ptr<int> number_;
    Padding padding_;
};

}  // namespace

template <>
struct memory_pages::is_trivially_relocatable<Handle<true>> : std::true_type {};

namespace {

struct Plain {
    int number;
    double* address;
};

static_assert(is_trivially_relocatable_v<int> && is_trivially_relocatable_v<Plain>);
static_assert(!is_trivially_relocatable_v<std::string> &&
              !is_trivially_relocatable_v<std::unique_ptr<int>>);
static_assert(is_trivially_relocatable_v<Handle<true>>, "a specialisation is believed");
static_assert(!is_trivially_relocatable_v<Handle<false>>);
static_assert(is_trivially_relocatable<int>::value);

/// How often elements were moved by their type when a full vector moved all of them once.
template <class T>
int moves_of_growth(PagedVec<T>& vec) {
    do {
        vec.emplace_back(static_cast<int>(vec.size()));
    } while (vec.size() < vec.stable_capacity());
    const T* const data = vec.data();
    T::moves = 0;
    vec.reserve(vec.size() + 1);
    EXPECT_NE(vec.data(), data);
    for (std::size_t i = 0; i < vec.size(); ++i) {
        EXPECT_EQ(vec[i].number(), static_cast<int>(i));
    }
    return T::moves;
}

TEST(Relocation, MovesBytesOfTypesThatAllowIt) {
    PagedVec<Handle<true>> vec;
    EXPECT_EQ(moves_of_growth(vec), 0);
}

TEST(Relocation, MovesEachElementOfOtherTypes) {
    PagedVec<Handle<false>> vec;
    const int moves = moves_of_growth(vec);
    EXPECT_EQ(moves, static_cast<int>(vec.size()));
}

}  // namespace
