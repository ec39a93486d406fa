// SPDX-License-Identifier: MIT
#include <memory_pages/exec.hpp>
#include <memory_pages/pages.hpp>

#include "support/every_pages.hpp"
#include "support/fails.hpp"
#include "support/probe.hpp"

#include <gtest/gtest.h>

#include <array>
#include <concepts>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <type_traits>
#include <utility>

namespace memory_pages {
namespace {

using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;
using ReadOnly = Pages<AllowRead, DenyWrite, DenyExec>;

constexpr std::array<std::uint8_t, 4> contents = {1, 2, 3, 4};

// Each transition, by both of its doors, from each of the eight types.
template <class P>
class Transition : public testing::Test {
protected:
    using R = typename every_pages::Of<P>::Read;
    using W = typename every_pages::Of<P>::Write;
    using E = typename every_pages::Of<P>::Exec;

    void SetUp() override {
        if (!probe::permissions_are_told()) {
            GTEST_SKIP() << "an emulator keeps the permissions, and tells others";
        }
    }

    /// Makes pages, changes them, and asks the system what they are then.
    template <class To, class Change>
    static void expect_to_become(Change change) {
        every_pages::Made<P> made = every_pages::holding<P>(contents);
        EXPECT_TRUE(every_pages::Of<P>::are(probe::permissions(made.address)));
        std::same_as<To> auto changed = change(std::move(made.pages));
        EXPECT_EQ(made.pages.size(), 0U);
        EXPECT_EQ(changed.size(), probe::page_size());
        EXPECT_TRUE(every_pages::Of<To>::are(probe::permissions(made.address)));
        EXPECT_TRUE(every_pages::hold(std::move(changed), contents));
    }

    /// What a `try_` door let through.
    template <class To>
    static To passed(std::expected<To, Refused<P>> changed) {
        if (!changed) {  // value() is not for errors that cannot be copied.
            ADD_FAILURE() << changed.error().error;
            std::abort();
        }
        return std::move(*changed);
    }
};
TYPED_TEST_SUITE(Transition, every_pages::Types, every_pages::Names);

TYPED_TEST(Transition, AllowReadMakesReadable) {
    using To = Pages<AllowRead, typename TestFixture::W, typename TestFixture::E>;
    this->template expect_to_become<To>([](auto&& p) { return std::move(p).allow_read(); });
    this->template expect_to_become<To>(
        [](auto&& p) { return TestFixture::passed(std::move(p).try_allow_read()); });
}

TYPED_TEST(Transition, DenyReadTakesReadingAway) {
    using To = Pages<DenyRead, typename TestFixture::W, typename TestFixture::E>;
    this->template expect_to_become<To>([](auto&& p) { return std::move(p).deny_read(); });
    this->template expect_to_become<To>(
        [](auto&& p) { return TestFixture::passed(std::move(p).try_deny_read()); });
}

TYPED_TEST(Transition, AllowWriteMakesWritable) {
    using To = Pages<typename TestFixture::R, AllowWrite, typename TestFixture::E>;
    this->template expect_to_become<To>([](auto&& p) { return std::move(p).allow_write(); });
    this->template expect_to_become<To>(
        [](auto&& p) { return TestFixture::passed(std::move(p).try_allow_write()); });
}

TYPED_TEST(Transition, DenyWriteTakesWritingAway) {
    using To = Pages<typename TestFixture::R, DenyWrite, typename TestFixture::E>;
    this->template expect_to_become<To>([](auto&& p) { return std::move(p).deny_write(); });
    this->template expect_to_become<To>(
        [](auto&& p) { return TestFixture::passed(std::move(p).try_deny_write()); });
}

TYPED_TEST(Transition, AllowWriteNoExecMakesWritableAndTakesExecutingAway) {
    using To = Pages<typename TestFixture::R, AllowWrite, DenyExec>;
    this->template expect_to_become<To>(
        [](auto&& p) { return std::move(p).allow_write_no_exec(); });
    this->template expect_to_become<To>(
        [](auto&& p) { return TestFixture::passed(std::move(p).try_allow_write_no_exec()); });
}

TYPED_TEST(Transition, AllowExecMakesExecutable) {
    using To = Pages<typename TestFixture::R, typename TestFixture::W, AllowExec>;
    this->template expect_to_become<To>([](auto&& p) { return std::move(p).allow_exec(); });
    this->template expect_to_become<To>(
        [](auto&& p) { return TestFixture::passed(std::move(p).try_allow_exec()); });
}

TYPED_TEST(Transition, DenyExecTakesExecutingAway) {
    using To = Pages<typename TestFixture::R, typename TestFixture::W, DenyExec>;
    this->template expect_to_become<To>([](auto&& p) { return std::move(p).deny_exec(); });
    this->template expect_to_become<To>(
        [](auto&& p) { return TestFixture::passed(std::move(p).try_deny_exec()); });
}

TYPED_TEST(Transition, SetProtectedExecMakesExecutableAndTakesWritingAway) {
    using To = Pages<typename TestFixture::R, DenyWrite, AllowExec>;
    this->template expect_to_become<To>([](auto&& p) { return std::move(p).set_protected_exec(); });
    this->template expect_to_become<To>(
        [](auto&& p) { return TestFixture::passed(std::move(p).try_set_protected_exec()); });
}

// -- what they ask of the caller ----------------------------------------------------------------

template <class P>
concept ChangesInPlace =
    requires(P& p) { p.allow_read(); } || requires(P& p) { p.deny_read(); } ||
    requires(P& p) { p.allow_write(); } || requires(P& p) { p.deny_write(); } ||
    requires(P& p) { p.allow_write_no_exec(); } || requires(P& p) { p.allow_exec(); } ||
    requires(P& p) { p.deny_exec(); } || requires(P& p) { p.set_protected_exec(); } ||
    requires(P& p) { p.try_deny_write(); } || requires(P& p) { p.release(); };

static_assert(!ChangesInPlace<ReadWrite> && !ChangesInPlace<const ReadWrite>);
static_assert(noexcept(std::declval<ReadWrite>().try_deny_write()));
static_assert(noexcept(std::declval<ReadWrite>().release()));

// -- what the system is asked -------------------------------------------------------------------

/// Pages that the system no longer knows, so that it refuses to do anything to them: what asks it
/// nothing still works. They must be `abandon`ed.
template <class P>
P unknown_to_the_system() {
    const auto raw = P(probe::page_size()).release();
    P pages = P::adopt(raw);
    {
        const P gone = P::adopt(raw);
    }
    return pages;
}

template <class P>
void abandon(P pages) {
    (void)std::move(pages).release();
}

TEST(Pages, AskTheSystemNothingToBecomeWhatTheyAre) {
    auto same = unknown_to_the_system<ReadWrite>();
    same = std::move(same).allow_read().allow_write().deny_exec().allow_write_no_exec();
    auto frozen = unknown_to_the_system<ReadOnly>();
    frozen = std::move(frozen).allow_read().deny_write().deny_exec();
    auto asked = std::move(frozen).try_allow_write();
    ASSERT_FALSE(asked) << "the system was to know nothing of these pages";
    abandon(std::move(same));
    abandon(std::move(asked.error().pages));
}

TEST(Pages, AreHandedBackWhenTheSystemRefusesAChange) {
    auto pages = unknown_to_the_system<ReadWrite>();
    auto changed = std::move(pages).try_deny_write();
    static_assert(std::same_as<decltype(changed), std::expected<ReadOnly, Refused<ReadWrite>>>);
    ASSERT_FALSE(changed);
    EXPECT_EQ(changed.error().error, std::errc::not_enough_memory);
    EXPECT_EQ(changed.error().pages.size(), probe::page_size());
    EXPECT_EQ(pages.size(), 0U);
    abandon(std::move(changed.error().pages));
}

TEST(Pages, StayWhereTheyAreWhenAChangeThrows) {
    auto pages = unknown_to_the_system<ReadWrite>();
    EXPECT_FAILS(std::move(pages).deny_write(), std::errc::not_enough_memory);
    EXPECT_EQ(pages.size(), probe::page_size());
    abandon(std::move(pages));
}

}  // namespace
}  // namespace memory_pages
