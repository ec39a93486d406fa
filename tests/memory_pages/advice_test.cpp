// SPDX-License-Identifier: MIT
#include <memory_pages/advice.hpp>
#include <memory_pages/pages.hpp>

#include "support/enumerators.hpp"
#include "support/probe.hpp"

#include <gtest/gtest.h>

#include <array>

namespace memory_pages {
namespace {

template <class T>
concept Joinable = requires(T a, T b) { a | b; };

static_assert(!Joinable<Advice>, "advice is one thing at a time");

constexpr auto every_advice = enumerators::every<Advice>;
static_assert(every_advice.back() == Advice::never_merge, "see CONTRIBUTING.md: a new value");

TEST(Advice, SucceedsWhetherSupportedOrNot) {
    if (!probe::advice_acts()) {
        GTEST_SKIP() << "an emulator takes all advice, and does nothing";
    }
    const Pages<AllowRead, AllowWrite, DenyExec> pages(1);
    for (const Advice advice : every_advice) {
        EXPECT_TRUE(pages.try_advise(advice));
    }
    const auto no_advice_of_any_system = static_cast<Advice>(1000);
    EXPECT_FALSE(is_supported(no_advice_of_any_system));
    EXPECT_TRUE(pages.try_advise(no_advice_of_any_system));
}

TEST(Advice, OrderHintsAreSupportedTogether) {
    EXPECT_EQ(is_supported(Advice::sequential), is_supported(Advice::random));
    EXPECT_EQ(is_supported(Advice::sequential), is_supported(Advice::normal));
}

}  // namespace
}  // namespace memory_pages
