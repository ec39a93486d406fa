// SPDX-License-Identifier: MIT
#include <memory_pages/exec.hpp>

#include "support/assembled.hpp"
#include "support/machine_code.hpp"
#include "support/probe.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <type_traits>

namespace memory_pages {
namespace {

using Code = Pages<AllowRead, DenyWrite, AllowExec>;
using machine_code::assembled;
using Word = std::uint64_t;

// -- FnRef, the type ----------------------------------------------------------------------------

static_assert(sizeof(FnRef<void()>) == 2 * sizeof(void*));
static_assert(std::is_nothrow_copy_constructible_v<FnRef<int(int)>>);
static_assert(std::is_nothrow_default_constructible_v<FnRef<int(int)>>);
static_assert(!std::is_convertible_v<FnRef<int(int)>, bool>);
static_assert(std::is_invocable_r_v<int, const FnRef<int(int)>&, int>);
static_assert(!std::is_invocable_v<const FnRef<int(int)>&, int*>);
static_assert(std::is_nothrow_invocable_v<const FnRef<int(int) noexcept>&, int>);
static_assert(!std::is_nothrow_invocable_v<const FnRef<int(int)>&, int>);

// -- calling ------------------------------------------------------------------------------------

TEST(Exec, RunsAnAssembledFunction) {
    const Code code = assembled(machine_code::add());
    const auto add = code.get_fn<Word(Word, Word)>();
    EXPECT_EQ(add(43, 34), 77U);
    EXPECT_EQ(probe::permissions(code.data()), "r-x");
}

TEST(Exec, LeavesFnRefEmptyUntilAssigned) {
    const Code code = assembled(machine_code::constant(42));
    FnRef<std::uint32_t()> function;
    EXPECT_FALSE(function);
    EXPECT_EQ(function.get(), nullptr);
    function = code.get_fn<std::uint32_t()>();
    ASSERT_TRUE(function);
    EXPECT_EQ(function(), 42U);
    function = {};
    EXPECT_FALSE(function);
}

TEST(Exec, CallsWithoutArgumentsOrResult) {
    const Code code = assembled(machine_code::nothing());
    const auto nothing = code.get_fn<void()>();
    nothing();
    static_assert(std::is_void_v<decltype(nothing())>);
}

TEST(Exec, CallsWithOneArgument) {
    const Code code = assembled(machine_code::identity());
    EXPECT_EQ(code.get_fn<Word(Word)>()(0xfedcba9876543210U), 0xfedcba9876543210U);
}

TEST(Exec, CallsWithSixArguments) {
    const Code code = assembled(machine_code::six_digits());
    const auto digits = code.get_fn<Word(Word, Word, Word, Word, Word, Word)>();
    EXPECT_EQ(digits(1, 2, 3, 4, 5, 6), 123456U);
}

TEST(Exec, CallsWithEightArguments) {
    const Code code = assembled(machine_code::eight_digits());
    const auto digits = code.get_fn<Word(Word, Word, Word, Word, Word, Word, Word, Word)>();
    EXPECT_EQ(digits(1, 2, 3, 4, 5, 6, 7, 8), 12345678U);
}

TEST(Exec, PassesFloatingPoint) {
    const Code code = assembled(machine_code::subtract_doubles());
    EXPECT_EQ(code.get_fn<double(double, double)>()(5.5, 1.25), 4.25);
}

TEST(Exec, PassesPointers) {
    const Code code = assembled(machine_code::identity());
    int object = 0;
    EXPECT_EQ(code.get_fn<int*(int*)>()(&object), &object);
    EXPECT_EQ(code.get_fn<const void*(const int*)>()(&object), &object);
}

TEST(Exec, PassesStructsByValue) {
    struct Pair {
        Word first;
        Word second;
    };
    const Code sum = assembled(machine_code::add_words());
    EXPECT_EQ(sum.get_fn<Word(Pair)>()({40, 2}), 42U);

    const Code swap = assembled(machine_code::swap_words());
    const Pair swapped = swap.get_fn<Pair(Pair)>()({1, 2});
    EXPECT_EQ(swapped.first, 2U);
    EXPECT_EQ(swapped.second, 1U);
}

TEST(Exec, PassesEnumerations) {
    enum class Colour : Word { red = 1, green = 2 };
    const Code code = assembled(machine_code::identity());
    EXPECT_EQ(code.get_fn<Colour(Colour)>()(Colour::green), Colour::green);
}

TEST(Exec, CallsFunctionsThatDoNotThrow) {
    const Code code = assembled(machine_code::add());
    const auto add = code.get_fn<Word(Word, Word) noexcept>();
    static_assert(noexcept(add(1, 2)));
    EXPECT_EQ(add(1, 2), 3U);
}

TEST(Exec, MakesFnRefACallableObject) {
    constexpr std::size_t offset = 64;  // Sanitizers read the bytes before a function.
    const Code code = assembled(machine_code::add(), offset);
    const auto add = code.get_fn<Word(Word, Word)>(offset);
    EXPECT_EQ(std::invoke(add, 1, 2), 3U);
    Word (*const raw)(Word, Word) = add.get();
    EXPECT_EQ(raw(1, 2), 3U);
    EXPECT_EQ(raw, (code.get_fn_ptr<Word(Word, Word)>(offset)));
}

TEST(Exec, CallsTheSameFunctionByEveryCopy) {
    const Code one = assembled(machine_code::constant(1));
    const Code two = assembled(machine_code::constant(2));
    auto first = one.get_fn<std::uint32_t()>();
    auto copy = first;
    first = two.get_fn<std::uint32_t()>();
    EXPECT_EQ(copy(), 1U);
    EXPECT_EQ(first(), 2U);
    copy = first;
    EXPECT_EQ(copy(), 2U);
}

}  // namespace
}  // namespace memory_pages
