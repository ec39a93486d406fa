// SPDX-License-Identifier: MIT
#include "contract/contract.hpp"

#include "os/process.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <thread>

namespace {

using namespace contract;

int at_end_of_threads = 0;

void note_end(void* value) { at_end_of_threads += *static_cast<int*>(value); }

/// Creating and joining threads may change the last error of this thread, so this restores it.
void run_thread(auto act) {
    const last_error::Kept kept;
    std::thread(act).join();
}

using OsThreadValue = OsThreads;
using OsWait = OsThreads;

TEST_F(OsThreadValue, IsPerThreadAndHandedOverAtThreadEnd) {
    int mine = 1;
    int others = 2;
    const int before = at_end_of_threads;
    ASSERT_TRUE(os::set_thread_value(&mine, note_end));
    run_thread([&] {
        EXPECT_EQ(os::thread_value(), nullptr);
        EXPECT_TRUE(os::set_thread_value(&others, note_end));
        EXPECT_EQ(os::thread_value(), &others);
    });
    EXPECT_EQ(at_end_of_threads, before + 2);
    EXPECT_EQ(os::thread_value(), &mine);
    run_thread([] {
        EXPECT_TRUE(os::set_thread_value(&at_end_of_threads, note_end));
        EXPECT_TRUE(os::set_thread_value(nullptr, note_end));
    });
    EXPECT_EQ(at_end_of_threads, before + 2);
    EXPECT_TRUE(os::set_thread_value(nullptr, note_end));
}

TEST_F(OsWait, BlocksUntilTheWordChanges) {
    std::atomic<std::uint32_t> word = 0;
    const auto wait_for = [&](std::uint32_t turn) {
        for (std::uint32_t now = word; now != turn; now = word) {
            os::wait_while(word, now);
        }
    };
    os::wait_while(word, 1);
    // The threads wait for each other in turn, so a missing wake-up hangs the test.
    constexpr std::uint32_t turns = 20'000;
    run_thread([&] {
        std::thread other([&] {
            for (std::uint32_t turn = 0; turn < turns; turn += 2) {
                wait_for(turn + 1);
                word = turn + 2;
                os::wake_one(word);
            }
        });
        for (std::uint32_t turn = 0; turn < turns; turn += 2) {
            wait_for(turn);
            word = turn + 1;
            os::wake_one(word);
        }
        other.join();
    });
    EXPECT_EQ(word, turns);
}

}  // namespace
