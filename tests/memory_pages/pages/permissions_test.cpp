// SPDX-License-Identifier: MIT
// Changing permissions, and what the processor makes of them.
#include <memory_pages/exec.hpp>
#include <memory_pages/pages.hpp>

#include "support/checks.hpp"
#include "support/every_pages.hpp"
#include "support/fails.hpp"
#include "support/machine_code.hpp"
#include "support/probe.hpp"
#include "support/process.hpp"

#include <gtest/gtest.h>

#include <array>
#include <concepts>
#include <csignal>
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

// Each transition, in both forms, from each of the eight types.
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

    /// Makes pages, changes them, and compares their permissions in the system.
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

    /// Checks pages that a `try_` form returned.
    template <class To>
    static To passed(std::expected<To, Refused<P>> changed) {
        if (!changed) {  // value() needs a copyable error.
            ADD_FAILURE() << changed.error().error;
            std::abort();
        }
        return std::move(*changed);
    }
};
TYPED_TEST_SUITE(Transition, every_pages::Types, every_pages::Names);

// Pitfall: protect-by-remap
TYPED_TEST(Transition, AllowReadMakesPagesReadable) {
    using To = Pages<AllowRead, typename TestFixture::W, typename TestFixture::E>;
    this->template expect_to_become<To>([](auto&& p) { return std::move(p).allow_read(); });
    this->template expect_to_become<To>(
        [](auto&& p) { return TestFixture::passed(std::move(p).try_allow_read()); });
}

// Pitfall: protect-by-remap
TYPED_TEST(Transition, DenyReadMakesPagesUnreadable) {
    using To = Pages<DenyRead, typename TestFixture::W, typename TestFixture::E>;
    this->template expect_to_become<To>([](auto&& p) { return std::move(p).deny_read(); });
    this->template expect_to_become<To>(
        [](auto&& p) { return TestFixture::passed(std::move(p).try_deny_read()); });
}

// Pitfall: protect-by-remap
TYPED_TEST(Transition, AllowWriteMakesPagesWritable) {
    using To = Pages<typename TestFixture::R, AllowWrite, typename TestFixture::E>;
    this->template expect_to_become<To>([](auto&& p) { return std::move(p).allow_write(); });
    this->template expect_to_become<To>(
        [](auto&& p) { return TestFixture::passed(std::move(p).try_allow_write()); });
}

// Pitfall: protect-by-remap
TYPED_TEST(Transition, DenyWriteMakesPagesReadOnly) {
    using To = Pages<typename TestFixture::R, DenyWrite, typename TestFixture::E>;
    this->template expect_to_become<To>([](auto&& p) { return std::move(p).deny_write(); });
    this->template expect_to_become<To>(
        [](auto&& p) { return TestFixture::passed(std::move(p).try_deny_write()); });
}

// Pitfall: protect-by-remap
TYPED_TEST(Transition, AllowWriteNoExecMakesPagesWritableNotExecutable) {
    using To = Pages<typename TestFixture::R, AllowWrite, DenyExec>;
    this->template expect_to_become<To>(
        [](auto&& p) { return std::move(p).allow_write_no_exec(); });
    this->template expect_to_become<To>(
        [](auto&& p) { return TestFixture::passed(std::move(p).try_allow_write_no_exec()); });
}

// Pitfall: protect-by-remap
TYPED_TEST(Transition, AllowExecMakesPagesExecutable) {
    using To = Pages<typename TestFixture::R, typename TestFixture::W, AllowExec>;
    this->template expect_to_become<To>([](auto&& p) { return std::move(p).allow_exec(); });
    this->template expect_to_become<To>(
        [](auto&& p) { return TestFixture::passed(std::move(p).try_allow_exec()); });
}

// Pitfall: protect-by-remap
TYPED_TEST(Transition, DenyExecMakesPagesNonExecutable) {
    using To = Pages<typename TestFixture::R, typename TestFixture::W, DenyExec>;
    this->template expect_to_become<To>([](auto&& p) { return std::move(p).deny_exec(); });
    this->template expect_to_become<To>(
        [](auto&& p) { return TestFixture::passed(std::move(p).try_deny_exec()); });
}

// Pitfall: protect-by-remap
TYPED_TEST(Transition, SetProtectedExecMakesPagesExecutableNotWritable) {
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

/// Pages that were unmapped, so that the system refuses every call: calls without a system call
/// still work. They must be `abandon`ed.
template <class P>
P unknown_to_the_system() {
    P pages(probe::page_size());
    {
        const P gone = P::adopt_unchecked(const_cast<std::uint8_t*>(pages.data()), pages.size());
    }
    return pages;
}

template <class P>
void abandon(P pages) {
    (void)std::move(pages).release();
}

// Pitfall: protect-costs-calls
TEST(Pages, MakeNoSystemCallToKeepTheirPermissions) {
    auto same = unknown_to_the_system<ReadWrite>();
    same = std::move(same).allow_read().allow_write().deny_exec().allow_write_no_exec();
    auto frozen = unknown_to_the_system<ReadOnly>();
    frozen = std::move(frozen).allow_read().deny_write().deny_exec();
    auto asked = std::move(frozen).try_allow_write();
    ASSERT_FALSE(asked) << "the system was to know nothing of these pages";
    abandon(std::move(same));
    abandon(std::move(asked.error().pages));
}

TEST(Pages, AreReturnedWhenAChangeIsRefused) {
    auto pages = unknown_to_the_system<ReadWrite>();
    auto changed = std::move(pages).try_deny_write();
    static_assert(std::same_as<decltype(changed), std::expected<ReadOnly, Refused<ReadWrite>>>);
    ASSERT_FALSE(changed);
    EXPECT_EQ(changed.error().error, std::errc::not_enough_memory);
    EXPECT_EQ(changed.error().pages.size(), probe::page_size());
    EXPECT_EQ(pages.size(), 0U);
    abandon(std::move(changed.error().pages));
}

TEST(Pages, StayWithTheirOwnerWhenAChangeThrows) {
    auto pages = unknown_to_the_system<ReadWrite>();
    EXPECT_FAILS(std::move(pages).deny_write(), std::errc::not_enough_memory);
    EXPECT_EQ(pages.size(), probe::page_size());
    abandon(std::move(pages));
}

// -- the processor agrees -------------------------------------------------------------------------

template <class P>
class ProcessorAccess : public testing::Test {
protected:
    using Of = every_pages::Of<P>;

    every_pages::Made<P> made_ = every_pages::holding<P>(machine_code::nothing());
};
TYPED_TEST_SUITE(ProcessorAccess, every_pages::Types, every_pages::Names);

TYPED_TEST(ProcessorAccess, ReadsReadablePagesAndFaultsOnOthers) {
    if (!probe::permissions_are_told()) {
        GTEST_SKIP() << "an emulator keeps the permissions, and denies less";
    }
    const volatile std::uint8_t* const byte = this->made_.address;
    const int signal = process::run_apart([byte] { (void)*byte; }).signal;
    const bool is_denied = !TestFixture::Of::read && TypeParam::is_enforced();
    EXPECT_EQ(signal, is_denied ? SIGSEGV : 0);
}

TYPED_TEST(ProcessorAccess, WritesWritablePagesAndFaultsOnOthers) {
    volatile std::uint8_t* const byte = this->made_.address;
    const int signal = process::run_apart([byte] { *byte = 1; }).signal;
    EXPECT_EQ(signal, TestFixture::Of::write ? 0 : SIGSEGV);
}

// Pitfall: keys-do-not-stop-execution
TYPED_TEST(ProcessorAccess, RunsExecutablePagesAndFaultsOnOthers) {
    auto* const function = reinterpret_cast<void (*)()>(this->made_.address);
    const int signal =
        process::run_apart([function] { FnRef<void()>(function, nullptr)(); }).signal;
    EXPECT_EQ(signal, TestFixture::Of::exec ? 0 : SIGSEGV);
}

TYPED_TEST(ProcessorAccess, EnforcesAllButDeniedReading) {
    if (!probe::permissions_are_told()) {
        GTEST_SKIP() << "an emulator keeps the permissions, and denies less";
    }
    constexpr bool read = TestFixture::Of::read;
    if (read || (!TestFixture::Of::write && !TestFixture::Of::exec)) {
        EXPECT_TRUE(TypeParam::is_enforced());
    }
    EXPECT_EQ(probe::can_read(this->made_.address), read || !TypeParam::is_enforced());
}

// -- contracts ------------------------------------------------------------------------------------

using checks::Contract;

TEST_F(Contract, MovedFromPagesCannotChangePermissions) {
    ReadWrite pages(probe::page_size());
    checks::take_from(pages);
    ReadWrite& p = pages;
    EXPECT_DEATH((void)std::move(p).allow_read(), "Pages::allow_read: .* moved from");
    EXPECT_DEATH((void)std::move(p).deny_read(), "Pages::deny_read: .* moved from");
    EXPECT_DEATH((void)std::move(p).allow_write(), "Pages::allow_write: .* moved from");
    EXPECT_DEATH((void)std::move(p).deny_write(), "Pages::deny_write: .* moved from");
    EXPECT_DEATH((void)std::move(p).deny_exec(), "Pages::deny_exec: .* moved from");
    EXPECT_DEATH((void)std::move(p).set_protected_exec(), "set_protected_exec: .* moved from");
    EXPECT_DEATH((void)std::move(p).try_deny_write(), "Pages::try_deny_write: .* moved from");
}

}  // namespace
}  // namespace memory_pages
