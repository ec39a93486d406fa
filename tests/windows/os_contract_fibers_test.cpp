// SPDX-License-Identifier: MIT
// Fibers: any thread may run or delete one. The values of a thread stay with the thread.
#include "os/process.hpp"

#include "support/windows_api.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <thread>
#include <utility>

namespace {

using namespace memory_pages;

int at_end_of_threads = 0;

void note_end(void* value) { at_end_of_threads += *static_cast<int*>(value); }

/// A fiber that calls a function, and then switches back.
class Fiber {
public:
    explicit Fiber(std::function<void()> act)
        : act_(std::move(act)), fiber_(::CreateFiber(0, run, this)) {}
    Fiber(const Fiber&) = delete;
    Fiber& operator=(const Fiber&) = delete;
    ~Fiber() { ::DeleteFiber(fiber_); }

    /// In the calling thread.
    void enter() {
        back_ = ::ConvertThreadToFiber(nullptr);
        ::SwitchToFiber(fiber_);
        ::ConvertFiberToThread();
    }

private:
    static void CALLBACK run(void* fiber) {
        auto* const self = static_cast<Fiber*>(fiber);
        for (;;) {
            self->act_();
            ::SwitchToFiber(self->back_);
        }
    }

    std::function<void()> act_;
    void* fiber_;
    void* back_ = nullptr;
};

// Pitfall: fiber-values
TEST(ThreadValue, IsTheSameInEveryFiber) {
    int mine = 1;
    ASSERT_TRUE(os::set_thread_value(&mine, note_end));
    void* seen = nullptr;
    Fiber fiber([&] { seen = os::thread_value(); });
    fiber.enter();
    EXPECT_EQ(seen, &mine);
    std::thread([&] { fiber.enter(); }).join();
    EXPECT_EQ(seen, nullptr);
    EXPECT_TRUE(os::set_thread_value(nullptr, note_end));
}

// Pitfall: fiber-values
TEST(ThreadValue, IsKeptWhenAFiberIsDeleted) {
    int mine = 1;
    const int before = at_end_of_threads;
    std::thread([&] {
        {
            Fiber fiber([&] { EXPECT_TRUE(os::set_thread_value(&mine, note_end)); });
            fiber.enter();
        }
        EXPECT_EQ(at_end_of_threads, before);
        EXPECT_EQ(os::thread_value(), &mine);
    }).join();
    EXPECT_EQ(at_end_of_threads, before + 1);
}

/// A thread made by Windows functions, unknown to the run-time libraries.
void run_thread(LPTHREAD_START_ROUTINE act, void* argument) {
    const HANDLE thread = ::CreateThread(nullptr, 0, act, argument, 0, nullptr);
    ASSERT_NE(thread, nullptr);
    EXPECT_EQ(::WaitForSingleObject(thread, INFINITE), WAIT_OBJECT_0);
    ::CloseHandle(thread);
}

DWORD WINAPI set_a_value(void* value) {
    return os::set_thread_value(value, note_end) ? EXIT_SUCCESS : EXIT_FAILURE;
}

TEST(ThreadValue, IsHandedOverByThreadsOfEveryOrigin) {
    int value = 1;
    const int before = at_end_of_threads;
    run_thread(set_a_value, &value);
    EXPECT_EQ(at_end_of_threads, before + 1);
}

int set_by_an_object = 1;

/// Sets a value at the end of its thread. Empty: MinGW's run time may have freed it by then.
struct SetsAValue {
    SetsAValue() = default;
    SetsAValue(const SetsAValue&) = delete;
    SetsAValue& operator=(const SetsAValue&) = delete;
    ~SetsAValue() { EXPECT_TRUE(os::set_thread_value(&set_by_an_object, note_end)); }
};

DWORD WINAPI have_an_object(void*) {
    const thread_local SetsAValue object;
    return EXIT_SUCCESS;
}

TEST(ThreadValue, IsHandedOverWhenADestructorSetsIt) {
    const int before = at_end_of_threads;
    std::thread([] { have_an_object(nullptr); }).join();
    EXPECT_EQ(at_end_of_threads, before + 1);
    run_thread(have_an_object, nullptr);
    EXPECT_EQ(at_end_of_threads, before + 2);
}

}  // namespace
