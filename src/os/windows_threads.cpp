// SPDX-License-Identifier: MIT
// Values of threads, in fiber local storage: what thread_local objects stand on may be gone before
// they are, and this calls back before that.
#include "os.hpp"
#include "windows_api.hpp"

#include <atomic>

#pragma GCC visibility push(hidden)

namespace memory_pages {
namespace {

constinit std::atomic<void (*)(void*)> the_end{nullptr};

/// At the end of the process other threads are gone, and may have left locks behind: nothing is
/// done then.
void WINAPI at_end_of_thread(void* value) noexcept {
    static auto* const is_shutting_down =
        os::look_up<BOOLEAN WINAPI()>("RtlDllShutdownInProgress", L"ntdll.dll");
    if (value != nullptr && (is_shutting_down == nullptr || is_shutting_down() == FALSE)) {
        the_end.load(std::memory_order_acquire)(value);
    }
}

DWORD the_index() noexcept {
    static const DWORD index = ::FlsAlloc(at_end_of_thread);
    return index;
}

}  // namespace

void os::on_fork(void (*)() noexcept, void (*)() noexcept) noexcept {}

void* os::thread_value() noexcept {
    const DWORD error = ::GetLastError();
    void* const value =
        the_end.load(std::memory_order_acquire) == nullptr ? nullptr : ::FlsGetValue(the_index());
    ::SetLastError(error);
    return value;
}

bool os::set_thread_value(void* value, void (*at_end)(void*)) noexcept {
    const DWORD error = ::GetLastError();
    the_end.store(at_end, std::memory_order_release);
    const bool is_done =
        the_index() != FLS_OUT_OF_INDEXES && ::FlsSetValue(the_index(), value) != 0;
    ::SetLastError(error);
    return is_done;
}

}  // namespace memory_pages

#pragma GCC visibility pop
