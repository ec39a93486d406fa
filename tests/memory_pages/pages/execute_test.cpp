// SPDX-License-Identifier: MIT
// Running what is in pages.
#include <memory_pages/exec.hpp>
#include <memory_pages/unsafe_write_exec.hpp>

#include "support/assembled.hpp"
#include "support/checks.hpp"
#include "support/fails.hpp"
#include "support/machine_code.hpp"
#include "support/probe.hpp"
#include "support/threads.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <thread>
#include <utility>

namespace memory_pages {
namespace {

using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;
using Code = Pages<AllowRead, DenyWrite, AllowExec>;
using WriteExec = Pages<AllowRead, AllowWrite, AllowExec>;
using machine_code::assembled;

std::size_t page() { return probe::page_size(); }

template <class P>
concept LendsFunctions = requires(P pages) { std::forward<P>(pages).template get_fn<void()>(); };
template <class P>
concept LendsPointers = requires(P pages) { std::forward<P>(pages).get_fn_ptr(); };
static_assert(LendsFunctions<Code&> && LendsFunctions<const Code&>);
static_assert(LendsPointers<Code&> && LendsPointers<const Code&>);
static_assert(!LendsFunctions<Code> && !LendsPointers<Code>,
              "nothing is borrowed from temporaries");
static_assert(!LendsFunctions<ReadWrite&> && !LendsPointers<ReadWrite&>);

TEST(Exec, FindsFunctionsAtAnyOffset) {
    const std::size_t offset = probe::page_size() + 64;
    const Code code = assembled(machine_code::constant(42), offset);
    EXPECT_EQ(code.get_fn<std::uint32_t()>(offset)(), 42U);
    EXPECT_EQ(code.get_fn_ptr<std::uint32_t()>(offset)(), 42U);
}

TEST(Exec, KeepsFunctionsValidWhenPagesMove) {
    Code elsewhere = assembled(machine_code::nothing());
    Code code = assembled(machine_code::constant(7));
    const auto seven = code.get_fn<std::uint32_t()>();
    elsewhere = std::move(code);
    EXPECT_EQ(seven(), 7U);
}

TEST(Exec, RunsExecuteOnlyPages) {
    const auto code = assembled(machine_code::constant(7)).deny_read();
    EXPECT_EQ(code.get_fn<std::uint32_t()>()(), 7U);
}

TEST(Exec, RunsCodeWrittenBeforeAllowExec) {
    ReadWrite pages(1);
    pages.write_at(0, machine_code::constant(7));
    const auto code = std::move(pages).deny_write().allow_exec();
    EXPECT_EQ(code.get_fn<std::uint32_t()>()(), 7U);
}

// -- changing code that has run -------------------------------------------------------------------

/// The result of code that is written over older code.
std::uint32_t rewritten(Code& code, std::uint32_t value) {
    auto writable = std::move(code).allow_write_no_exec();
    writable.write_at(0, machine_code::constant(value));
    code = std::move(writable).set_protected_exec();
    return code.get_fn<std::uint32_t()>()();
}

TEST(Exec, RunsChangedCode) {
    Code code = assembled(machine_code::constant(0));
    for (std::uint32_t value = 0; value < 1000; ++value) {
        ASSERT_EQ(rewritten(code, value), value);
    }
}

// Pitfall: stale-instructions
TEST(Exec, RunsChangedCodeInOtherThreads) {
    Code code = assembled(machine_code::constant(0));
    for (std::uint32_t value = 0; value < 100; ++value) {
        ASSERT_EQ(rewritten(code, value), value);
        std::uint32_t seen = 0;
        std::thread([&] { seen = code.get_fn<std::uint32_t()>()(); }).join();
        ASSERT_EQ(seen, value);
    }
}

// Pitfall: stale-instructions
TEST(Threads, RunCodeFromAnotherThread) {
    ReadWrite pages(1);
    pages.write_at(0, machine_code::add());
    const Code code = std::move(pages).set_protected_exec();
    const auto add = code.get_fn<std::uint64_t(std::uint64_t, std::uint64_t)>();
    threads::run([&code, add](int i) {
        const auto n = static_cast<std::uint64_t>(i);
        for (std::uint64_t k = 0; k < 1000; ++k) {
            const auto copy = add;
            EXPECT_EQ(copy(n, k), n + k);
            EXPECT_EQ((code.get_fn<std::uint64_t(std::uint64_t, std::uint64_t)>()(n, 1)), n + 1);
        }
    });
}

TEST(Threads, CanCreateAndDropCodeConcurrently) {
    threads::run([](int i) {
        for (std::uint32_t k = 0; k < 100; ++k) {
            const auto value = static_cast<std::uint32_t>(i) << 16 | k;
            ReadWrite pages(1);
            pages.write_at(0, machine_code::constant(value));
            const Code code = std::move(pages).set_protected_exec();
            EXPECT_EQ(code.get_fn<std::uint32_t()>()(), value);
        }
    });
}

// -- publishing -----------------------------------------------------------------------------------

template <class P>
concept Publishable = requires(P& pages) { pages.publish(); };

static_assert(Publishable<WriteExec> && Publishable<Pages<DenyRead, AllowWrite, AllowExec>>);
static_assert(!Publishable<const WriteExec>);
static_assert(!Publishable<Pages<AllowRead, AllowWrite, DenyExec>>);
static_assert(!Publishable<Pages<AllowRead, DenyWrite, AllowExec>>);

TEST(WriteExec, RunsPublishedChanges) {
    WriteExec pages(1);
    for (std::uint32_t value = 0; value < 1000; ++value) {
        pages.write_at(0, machine_code::constant(value));
        pages.publish(0, machine_code::constant(value).size());
        ASSERT_EQ(pages.get_fn<std::uint32_t()>()(), value);
    }
}

TEST(WriteExec, RunsPublishedChangesInARunningThread) {
    constexpr std::uint32_t last = 200;
    WriteExec pages(1);
    std::atomic<std::uint32_t> published = 0;
    std::atomic<std::uint32_t> seen = 0;
    pages.write_at(0, machine_code::constant(0));
    pages.publish();

    // By polling: GCC 12's wait and notify may miss a wake-up on Windows.
    const auto await = [](const std::atomic<std::uint32_t>& counter, std::uint32_t value) {
        while (counter.load() != value) {
            std::this_thread::yield();
        }
    };
    std::thread runner([&, code = pages.get_fn<std::uint32_t()>()] {
        for (std::uint32_t wanted = 1; wanted <= last; ++wanted) {
            await(published, wanted);
            EXPECT_EQ(code(), wanted);
            seen.store(wanted);
        }
    });
    for (std::uint32_t value = 1; value <= last; ++value) {
        pages.write_at(0, machine_code::constant(value));
        pages.publish();
        published.store(value);
        await(seen, value);
    }
    runner.join();
}

TEST(WriteExec, RunsNewCodeThatNoThreadHasRun) {
    WriteExec pages(probe::page_size());
    constexpr std::size_t distance = 64;
    for (std::uint32_t value = 0; value < probe::page_size() / distance; ++value) {
        const auto code = machine_code::constant(value);
        pages.write_at(value * distance, code);
        pages.publish(value * distance, code.size(), Publish::not_yet_run);
        ASSERT_EQ(pages.get_fn<std::uint32_t()>(value * distance)(), value);
    }
}

TEST(WriteExec, PublishTakesAnyRangeWithinThePages) {
    WriteExec pages(2 * probe::page_size());
    EXPECT_TRUE(pages.try_publish());
    EXPECT_TRUE(pages.try_publish(3, 5));
    EXPECT_TRUE(pages.try_publish(probe::page_size() - 1, 2));
    EXPECT_TRUE(pages.try_publish(pages.size(), 0));
    EXPECT_TRUE(pages.try_publish(pages.size()));
}

TEST(WriteExec, PublishRefusesRangesOutside) {
    constexpr std::size_t largest = std::numeric_limits<std::size_t>::max();
    WriteExec pages(probe::page_size());
    EXPECT_FAILS(pages.publish(1, pages.size()), std::errc::invalid_argument);
    EXPECT_EQ(pages.try_publish(0, pages.size() + 1).error(), std::errc::invalid_argument);
    EXPECT_EQ(pages.try_publish(pages.size() + 1, 0).error(), std::errc::invalid_argument);
    EXPECT_EQ(pages.try_publish(1, largest - 1).error(), std::errc::invalid_argument);
}

// -- contracts ------------------------------------------------------------------------------------

using checks::Contract;

TEST_F(Contract, FunctionMustStartWithinThePages) {
    const Code code(page());
    EXPECT_DEATH((void)code.get_fn<void()>(page()), "Pages::get_fn: index .* is outside");
    EXPECT_DEATH((void)code.get_fn_ptr<void()>(page()), "Pages::get_fn_ptr: index .* is outside");
    EXPECT_DEATH(FnRef<void()>()(), "FnRef::operator\\(\\): there is no function in it");
}

TEST_F(Contract, MovedFromCodeCannotBeLent) {
    Code code(page());
    checks::take_from(code);
    EXPECT_DEATH((void)code.get_fn<void()>(), "Pages::get_fn: index 0 is outside 0");
    EXPECT_DEATH((void)code.get_fn_ptr(), "Pages::get_fn_ptr: index 0 is outside 0");
    auto patchable = Pages<AllowRead, AllowWrite, AllowExec>(page());
    checks::take_from(patchable);
    EXPECT_DEATH(patchable.publish(), "Pages::publish: there are no pages: empty, or moved from");
}

// -- borrowed functions ---------------------------------------------------------------------------

using checks::BorrowCheck;
using checks::still_borrowed;

Code code() { return assembled(machine_code::nothing()); }

TEST_F(BorrowCheck, StopsChangesOfPermissions) {
    Code pages = code();
    const auto function = pages.get_fn<void()>();
    EXPECT_DEATH((void)std::move(pages).allow_write_no_exec(), still_borrowed);
    EXPECT_DEATH((void)std::move(pages).try_deny_exec(), still_borrowed);
}

TEST_F(BorrowCheck, StopsUnmapping) {
    std::optional<FnRef<void()>> function;
    EXPECT_DEATH(
        {
            const Code pages = code();
            function = pages.get_fn<void()>();
        },
        still_borrowed);
}

TEST_F(BorrowCheck, AllowsTheEndOnceTheFunctionIsEmptied) {
    FnRef<void()> function;
    {
        const Code pages = code();
        function = pages.get_fn<void()>();
        function = {};
    }
    EXPECT_FALSE(function);
}

TEST_F(BorrowCheck, StopsAssignment) {
    Code pages = code();
    const auto function = pages.get_fn<void()>();
    EXPECT_DEATH(pages = code(), still_borrowed);
}

TEST_F(BorrowCheck, StopsLossOfContents) {
    Pages<AllowRead, AllowWrite, AllowExec> pages(page());
    const auto function = pages.get_fn<void()>();
    EXPECT_DEATH(pages.decommit(), still_borrowed);
    EXPECT_DEATH(pages.discard(), still_borrowed);
    EXPECT_DEATH(pages.zero(), still_borrowed);
}

TEST_F(BorrowCheck, CountsEveryCopyOfAFunction) {
    const Code other = code();
    Code pages = code();
    std::optional first = pages.get_fn<void()>();
    std::optional second = first;
    first.reset();
    EXPECT_DEATH((void)std::move(pages).deny_exec(), still_borrowed);
    second = other.get_fn<void()>();
    const auto freed = std::move(pages).deny_exec();
    EXPECT_EQ(probe::permissions(freed.data()), "r--");
}

TEST_F(BorrowCheck, AllowsMovesAndUnchangedPermissions) {
    Code other = code();
    Code pages = code();
    const auto function = pages.get_fn<void()>();
    other = std::move(pages).allow_read().deny_write().allow_exec();
    function();
    EXPECT_EQ(probe::permissions(other.data()), "r-x");
}

TEST_F(BorrowCheck, NamesTheCallInItsMessage) {
    Code pages = code();
    const auto function = pages.get_fn<void()>();
    EXPECT_DEATH((void)std::move(pages).deny_exec(), "memory_pages: Pages::deny_exec: these pages");
}

}  // namespace
}  // namespace memory_pages
