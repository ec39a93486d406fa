// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Fixtures of tests that a contract check stops a program: builds differ in what they check.

#include <memory_pages/config.hpp>

#include <gtest/gtest.h>

#include <utility>

namespace checks {

/// Skips its tests where contracts are not checked.
class Contract : public testing::Test {
protected:
    void SetUp() override {
        using namespace memory_pages::detail;
        if (check_level == CheckLevel::off) {
            GTEST_SKIP() << "built without contract checks";
        }
    }
};

/// Skips its tests where borrowers are not counted.
class BorrowCheck : public testing::Test {
protected:
    void SetUp() override {
        using namespace memory_pages::detail;
        if (check_level != CheckLevel::hardened) {
            GTEST_SKIP() << "built without counting borrowers";
        }
    }
};

/// What a program says that changes pages under a borrower.
inline constexpr auto still_borrowed =
    "these pages are still borrowed, by a FnRef or by read or write";

/// Moves the pages away without the compiler noticing.
template <class P>
void take_from(P& pages) {
    const P taken(std::move(pages));
}

}  // namespace checks
