// SPDX-License-Identifier: MIT
// Borrows are counted in hardened builds.
#include <memory_pages/config.hpp>
#include <memory_pages/pages.hpp>

#include "support/probe.hpp"

#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstddef>
#include <cstdint>
#include <span>
#include <thread>
#include <vector>

namespace memory_pages {
namespace {

using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;

class BorrowCheck : public testing::Test {
protected:
    void SetUp() override {
        if (detail::check_level != detail::CheckLevel::hardened) {
            GTEST_SKIP() << "borrowers are counted in hardened builds only";
        }
    }
};

/// Acts like a crash reporter: makes a child, which may use the library.
[[noreturn]] void report(int) {
    const pid_t child = ::fork();
    if (child == 0) {
        const ReadWrite pages(1);
        ::_exit(pages.read([](std::span<const std::uint8_t> bytes) { return bytes[0]; }));
    }
    int status = 1;
    ::waitpid(child, &status, 0);
    ::_exit(status == 0 ? 7 : 1);
}

TEST_F(BorrowCheck, ReportsFromAHandlerThatForks) {
    EXPECT_EXIT(
        {
            ::alarm(10);  // A time limit.
            std::signal(SIGABRT, report);
            ReadWrite pages(probe::page_size());
            pages.write([&](std::span<std::uint8_t>) { pages.decommit(); });
        },
        testing::ExitedWithCode(7),
        "memory_pages: Pages::decommit: these pages are still borrowed");
}

TEST_F(BorrowCheck, CountsAnyNumberOfBorrowers) {
    const ReadWrite pages(probe::page_size());
    ReadWrite other(probe::page_size());
    const detail::Borrow first(pages.data());
    {
        const std::vector<detail::Borrow> many(100'000, first);
        other.decommit();
        EXPECT_DEATH(detail::check_not_borrowed("look", pages.data()), "look: these pages are");
    }
    EXPECT_DEATH(detail::check_not_borrowed("look", pages.data()), "look: these pages are");
}

TEST_F(BorrowCheck, CountsManyPagesOfManyThreads) {
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([] {
            std::vector<ReadWrite> all;
            std::vector<detail::Borrow> borrows;
            for (int j = 0; j < 2000; ++j) {
                all.emplace_back(probe::page_size());
                borrows.emplace_back(all.back().data());
            }
            while (!borrows.empty()) {
                borrows.pop_back();
                all.back().decommit();
                all.pop_back();
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
}

}  // namespace
}  // namespace memory_pages
