// SPDX-License-Identifier: MIT
#include <memory_pages/exec.hpp>

#include "support/fails.hpp"
#include "support/machine_code.hpp"
#include "support/probe.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>

namespace memory_pages {
namespace {

using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;
using Code = Pages<AllowRead, DenyWrite, AllowExec>;
using Word = std::uint64_t;

/// Executable pages with this code at an offset.
Code assembled(const machine_code::Code& code, std::size_t offset = 0) {
    ReadWrite pages(offset + code.size());
    pages.write_at(offset, code);
    return std::move(pages).set_protected_exec();
}

// -- FnRef, the type ----------------------------------------------------------------------------

static_assert(sizeof(FnRef<void()>) == 2 * sizeof(void*));
static_assert(std::is_nothrow_copy_constructible_v<FnRef<int(int)>>);
static_assert(!std::is_default_constructible_v<FnRef<int(int)>>);
static_assert(std::is_invocable_r_v<int, const FnRef<int(int)>&, int>);
static_assert(!std::is_invocable_v<const FnRef<int(int)>&, int*>);
static_assert(std::is_nothrow_invocable_v<const FnRef<int(int) noexcept>&, int>);
static_assert(!std::is_nothrow_invocable_v<const FnRef<int(int)>&, int>);

template <class P>
concept LendsFunctions = requires(P pages) { std::forward<P>(pages).template get_fn<void()>(); };
template <class P>
concept LendsPointers = requires(P pages) { std::forward<P>(pages).get_fn_ptr(); };

static_assert(LendsFunctions<Code&> && LendsFunctions<const Code&>);
static_assert(LendsPointers<Code&> && LendsPointers<const Code&>);
static_assert(!LendsFunctions<Code> && !LendsPointers<Code>,
              "nothing is borrowed from temporaries");
static_assert(!LendsFunctions<ReadWrite&> && !LendsPointers<ReadWrite&>);

// -- calling ------------------------------------------------------------------------------------

TEST(Exec, AnAssembledFunctionRuns) {
    const Code code = assembled(machine_code::add());
    const auto add = code.get_fn<Word(Word, Word)>();
    EXPECT_EQ(add(43, 34), 77U);
    EXPECT_EQ(probe::permissions(code.data()), "r-x");
}

TEST(Exec, FunctionsLieAtAnyOffset) {
    const std::size_t offset = probe::page_size() + 64;
    const Code code = assembled(machine_code::constant(42), offset);
    EXPECT_EQ(code.get_fn<std::uint32_t()>(offset)(), 42U);
    EXPECT_EQ(code.get_fn_ptr<std::uint32_t()>(offset)(), 42U);
}

TEST(Exec, NoArgumentsAndNoResult) {
    const Code code = assembled(machine_code::nothing());
    const auto nothing = code.get_fn<void()>();
    nothing();
    static_assert(std::is_void_v<decltype(nothing())>);
}

TEST(Exec, OneArgument) {
    const Code code = assembled(machine_code::identity());
    EXPECT_EQ(code.get_fn<Word(Word)>()(0xfedcba9876543210U), 0xfedcba9876543210U);
}

TEST(Exec, SixArguments) {
    const Code code = assembled(machine_code::six_digits());
    const auto digits = code.get_fn<Word(Word, Word, Word, Word, Word, Word)>();
    EXPECT_EQ(digits(1, 2, 3, 4, 5, 6), 123456U);
}

TEST(Exec, EightArguments) {
    const Code code = assembled(machine_code::eight_digits());
    const auto digits = code.get_fn<Word(Word, Word, Word, Word, Word, Word, Word, Word)>();
    EXPECT_EQ(digits(1, 2, 3, 4, 5, 6, 7, 8), 12345678U);
}

TEST(Exec, FloatingPoint) {
    const Code code = assembled(machine_code::subtract_doubles());
    EXPECT_EQ(code.get_fn<double(double, double)>()(5.5, 1.25), 4.25);
}

TEST(Exec, Pointers) {
    const Code code = assembled(machine_code::identity());
    int object = 0;
    EXPECT_EQ(code.get_fn<int*(int*)>()(&object), &object);
    EXPECT_EQ(code.get_fn<const void*(const int*)>()(&object), &object);
}

TEST(Exec, StructsByValue) {
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

TEST(Exec, Enumerations) {
    enum class Colour : Word { red = 1, green = 2 };
    const Code code = assembled(machine_code::identity());
    EXPECT_EQ(code.get_fn<Colour(Colour)>()(Colour::green), Colour::green);
}

TEST(Exec, FunctionsThatDoNotThrow) {
    const Code code = assembled(machine_code::add());
    const auto add = code.get_fn<Word(Word, Word) noexcept>();
    static_assert(noexcept(add(1, 2)));
    EXPECT_EQ(add(1, 2), 3U);
}

TEST(Exec, AFunctionIsAsGoodAsAnyOther) {
    constexpr std::size_t offset = 64;  // sanitizers look at what is before a function
    const Code code = assembled(machine_code::add(), offset);
    const auto add = code.get_fn<Word(Word, Word)>(offset);
    EXPECT_EQ(std::invoke(add, 1, 2), 3U);
    Word (*const raw)(Word, Word) = add.get();
    EXPECT_EQ(raw(1, 2), 3U);
    EXPECT_EQ(raw, (code.get_fn_ptr<Word(Word, Word)>(offset)));
}

TEST(Exec, CopiesCallTheSameFunction) {
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

TEST(Exec, AFunctionOutlivesMovesOfItsPages) {
    Code elsewhere = assembled(machine_code::nothing());
    Code code = assembled(machine_code::constant(7));
    const auto seven = code.get_fn<std::uint32_t()>();
    elsewhere = std::move(code);
    EXPECT_EQ(seven(), 7U);
}

TEST(Exec, ExecuteOnlyPagesRun) {
    const auto code = assembled(machine_code::constant(7)).deny_read();
    EXPECT_EQ(code.get_fn<std::uint32_t()>()(), 7U);
}

TEST(Exec, WritingThenAllowingExecutionRunsToo) {
    ReadWrite pages(1);
    pages.write_at(0, machine_code::constant(7));
    const auto code = std::move(pages).deny_write().allow_exec();
    EXPECT_EQ(code.get_fn<std::uint32_t()>()(), 7U);
}

// -- changing code that has run -------------------------------------------------------------------

/// The result of code that is written over what was there before.
std::uint32_t rewritten(Code& code, std::uint32_t value) {
    auto writable = std::move(code).allow_write_no_exec();
    writable.write_at(0, machine_code::constant(value));
    code = std::move(writable).set_protected_exec();
    return code.get_fn<std::uint32_t()>()();
}

TEST(Exec, ChangedCodeIsWhatRuns) {
    Code code = assembled(machine_code::constant(0));
    for (std::uint32_t value = 0; value < 1000; ++value) {
        ASSERT_EQ(rewritten(code, value), value);
    }
}

TEST(Exec, ChangedCodeIsWhatOtherThreadsRun) {
    Code code = assembled(machine_code::constant(0));
    for (std::uint32_t value = 0; value < 100; ++value) {
        ASSERT_EQ(rewritten(code, value), value);
        std::uint32_t seen = 0;
        std::thread([&] { seen = code.get_fn<std::uint32_t()>()(); }).join();
        ASSERT_EQ(seen, value);
    }
}

}  // namespace
}  // namespace memory_pages
