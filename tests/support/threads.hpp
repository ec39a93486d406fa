// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Several threads at once.

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

namespace threads {

/// Waits until something has happened a number of times. As std::latch, whose wait in GCC 12 may
/// miss the last time, and then lasts for ever.
class Countdown {
public:
    explicit Countdown(int times) : left_(times) {}

    void count_down() {
        const std::scoped_lock lock(mutex_);
        --left_;
        changed_.notify_all();
    }

    void wait() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return left_ <= 0; });
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    int left_;
};

inline constexpr int count = 8;

/// Runs `act(i)` in each thread, where `i` is its number, and waits for all.
template <class Act>
void run(Act act) {
    std::vector<std::thread> all;
    for (int i = 0; i < count; ++i) {
        all.emplace_back(act, i);
    }
    for (std::thread& thread : all) {
        thread.join();
    }
}

}  // namespace threads
