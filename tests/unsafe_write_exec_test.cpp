// SPDX-License-Identifier: MIT
#include <memory_pages/unsafe_write_exec.hpp>

#include "support/fails.hpp"
#include "support/machine_code.hpp"
#include "support/probe.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <thread>
#include <utility>

namespace memory_pages {
namespace {

using WriteExec = Pages<AllowRead, AllowWrite, AllowExec>;

template <class P>
concept Publishable = requires(P& pages) { pages.publish(); };

static_assert(Publishable<WriteExec> && Publishable<Pages<DenyRead, AllowWrite, AllowExec>>);
static_assert(!Publishable<const WriteExec>);
static_assert(!Publishable<Pages<AllowRead, AllowWrite, DenyExec>>);
static_assert(!Publishable<Pages<AllowRead, DenyWrite, AllowExec>>);

TEST(WriteExec, PagesAreWritableAndExecutableAtOnce) {
    WriteExec pages(1);
    EXPECT_EQ(probe::permissions(pages.data()), "rwx");
    pages.write_at(0, machine_code::constant(7));
    pages.publish();
    EXPECT_EQ(pages.get_fn<std::uint32_t()>()(), 7U);
}

TEST(WriteExec, BothGatesLeadThere) {
    WriteExec from_writable = Pages<AllowRead, AllowWrite, DenyExec>(1).allow_exec();
    EXPECT_EQ(probe::permissions(from_writable.data()), "rwx");
    WriteExec from_executable = Pages<AllowRead, DenyWrite, AllowExec>(1).allow_write();
    EXPECT_EQ(probe::permissions(from_executable.data()), "rwx");
}

TEST(WriteExec, PublishedChangesAreWhatRuns) {
    WriteExec pages(1);
    for (std::uint32_t value = 0; value < 1000; ++value) {
        pages.write_at(0, machine_code::constant(value));
        pages.publish(0, machine_code::constant(value).size());
        ASSERT_EQ(pages.get_fn<std::uint32_t()>()(), value);
    }
}

TEST(WriteExec, PublishedChangesAreWhatARunningThreadRuns) {
    constexpr std::uint32_t last = 200;
    WriteExec pages(1);
    std::atomic<std::uint32_t> published = 0;
    std::atomic<std::uint32_t> seen = 0;
    pages.write_at(0, machine_code::constant(0));
    pages.publish();

    // By looking again and again: GCC 12's wait and notify may sleep for ever on Windows.
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

TEST(WriteExec, PublishTakesAnyRangeWithinThePages) {
    WriteExec pages(2 * probe::page_size());
    EXPECT_TRUE(pages.try_publish());
    EXPECT_TRUE(pages.try_publish(3, 5));
    EXPECT_TRUE(pages.try_publish(probe::page_size() - 1, 2));
    EXPECT_TRUE(pages.try_publish(pages.size(), 0));
    EXPECT_TRUE(pages.try_publish(pages.size()));
}

TEST(WriteExec, PublishRefusesWhatIsOutside) {
    constexpr std::size_t largest = std::numeric_limits<std::size_t>::max();
    WriteExec pages(probe::page_size());
    EXPECT_FAILS(pages.publish(1, pages.size()), std::errc::invalid_argument);
    EXPECT_EQ(pages.try_publish(0, pages.size() + 1).error(), std::errc::invalid_argument);
    EXPECT_EQ(pages.try_publish(pages.size() + 1, 0).error(), std::errc::invalid_argument);
    EXPECT_EQ(pages.try_publish(1, largest - 1).error(), std::errc::invalid_argument);
}

TEST(WriteExec, OneRightCanBeGivenUpAgain) {
    WriteExec pages(1);
    pages.write_at(0, machine_code::constant(7));
    const auto code = std::move(pages).deny_write();
    EXPECT_EQ(probe::permissions(code.data()), "r-x");
    EXPECT_EQ(code.get_fn<std::uint32_t()>()(), 7U);
}

}  // namespace
}  // namespace memory_pages
