// SPDX-License-Identifier: MIT
// What the kernel reports of the threads of populate.
#include <memory_pages/page_size.hpp>
#include <memory_pages/populate.hpp>

#include "support/probe.hpp"

#include <gtest/gtest.h>

#include <pthread.h>

#include <algorithm>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <vector>

namespace memory_pages {
namespace {

using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;

std::set<std::string> threads_of_this_process() {
    std::set<std::string> threads;
    for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
        threads.insert(task.path());
    }
    return threads;
}

/// All signals that a program may block. The others belong to the C library.
std::uint64_t every_signal() {
    std::uint64_t every = 0;
    for (int signal = 1; signal <= SIGRTMAX; ++signal) {
        if (signal != SIGKILL && signal != SIGSTOP && (signal < 32 || signal >= SIGRTMIN)) {
            every |= std::uint64_t{1} << (signal - 1);
        }
    }
    return every;
}

/// Bit n - 1: signal n.
std::uint64_t blocked_in(const std::string& thread) {
    std::ifstream status(thread + "/status");
    std::string word;
    std::uint64_t blocked = 0;
    while (status >> word) {
        if (word == "SigBlk:") {
            status >> std::hex >> blocked;
            return blocked;
        }
    }
    return every_signal();  // The thread has ended.
}

TEST(PopulateHelpers, ReceiveNoSignalsOfTheProgram) {
    if (!probe::advice_acts()) {
        GTEST_SKIP() << "an emulator takes all advice, and does nothing";
    }
    constexpr unsigned count = 4;
    const std::size_t piece = std::max(std::size_t{16} << 20, huge_page_size());
    const ReadWrite pages(count * piece, {.huge_pages = HugePages::never});
    const std::set<std::string> before = threads_of_this_process();
    const std::uint64_t mine = blocked_in("/proc/thread-self");
    // During a report a helper exists: the one that reports, or all if the caller is the first.
    std::vector<std::uint64_t> blocked;
    populate(pages, {.threads = count, .progress = [&](std::size_t, std::size_t) {
                         for (const std::string& thread : threads_of_this_process()) {
                             if (!before.contains(thread)) {
                                 blocked.push_back(blocked_in(thread));
                             }
                         }
                     }});
    EXPECT_FALSE(blocked.empty());
    for (const std::uint64_t signals : blocked) {
        EXPECT_EQ(signals & every_signal(), every_signal());
    }
    EXPECT_EQ(blocked_in("/proc/thread-self"), mine) << "the caller's are as they were";
}

}  // namespace
}  // namespace memory_pages
