// SPDX-License-Identifier: MIT
#include "os/process.hpp"

#include "fake_os/refusals.hpp"

#include <atomic>
#include <cstdint>
#include <thread>

#pragma GCC visibility push(hidden)

namespace memory_pages {

using namespace fake;

os::CancelLater::CancelLater() noexcept = default;

// NOLINTNEXTLINE(performance-trivially-destructible): another system's does something
os::CancelLater::~CancelLater() = default;

void os::without_signals(void (*start)(void*) noexcept, void* argument) noexcept {
    start(argument);
}

std::uint32_t os::process_mark() noexcept { return 1; }

void os::wait_while(std::atomic<std::uint32_t>&, std::uint32_t) noexcept {
    std::this_thread::yield();
}

void os::wake_one(std::atomic<std::uint32_t>&) noexcept {}

void os::on_unload(void (*)() noexcept) noexcept {}

void* os::thread_value() noexcept {
    return state().machine.keeps_values_of_threads ? state().thread_value : nullptr;
}

bool os::set_thread_value(void* value, void (*)(void*)) noexcept {
    if (!state().machine.keeps_values_of_threads) {
        return false;
    }
    state().thread_value = value;
    return true;
}

}  // namespace memory_pages

#pragma GCC visibility pop
