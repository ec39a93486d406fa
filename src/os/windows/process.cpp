// SPDX-License-Identifier: MIT
// Values of threads are in thread local storage: a fiber local value would move between threads.
// The loader reports the end of threads to TLS callback functions (Microsoft's "PE Format"), as
// long as the image is loaded.
#include "os/process.hpp"
#include "os/heap.hpp"
#include "os/windows/api.hpp"

#include <atomic>

#pragma GCC visibility push(hidden)

namespace memory_pages {
namespace {

using os::KeepLastError;

/// The value of one thread, later of another. All holders are in one lock-free list.
struct Holder {
    std::atomic<void*> value{nullptr};
    Holder* next = nullptr;
    std::atomic<bool> is_taken{true};
};

constinit std::atomic<Holder*> the_holders{nullptr};
constinit std::atomic<void (*)(void*)> the_end{nullptr};

/// The function of `os::on_unload`.
constinit std::atomic<void (*)() noexcept> the_last_act{nullptr};

/// The TLS index of holders: `none` before a value is first set, `gone` once the image is unloaded.
constexpr DWORD none = TLS_OUT_OF_INDEXES;
constexpr DWORD gone = none - 1;
constinit std::atomic<DWORD> the_index{none};

bool is_place(DWORD index) noexcept { return index < gone; }

/// Makes the index if there is none.
DWORD make_index() noexcept {
    DWORD index = the_index.load(std::memory_order_acquire);
    if (index == none) {
        const DWORD fresh = ::TlsAlloc();
        if (the_index.compare_exchange_strong(index, fresh, std::memory_order_acq_rel)) {
            return fresh;
        }
        (void)::TlsFree(fresh);  // Another thread was faster.
    }
    return index;
}

/// A free holder, or a new one; null if there is no memory.
Holder* take_holder() noexcept {
    for (Holder* holder = the_holders.load(std::memory_order_acquire); holder != nullptr;
         holder = holder->next) {
        if (!holder->is_taken.exchange(true, std::memory_order_acq_rel)) {
            return holder;
        }
    }
    auto* const fresh = os::create<Holder>();
    if (fresh != nullptr) {
        fresh->next = the_holders.load(std::memory_order_relaxed);
        while (!the_holders.compare_exchange_weak(fresh->next, fresh, std::memory_order_release,
                                                  std::memory_order_relaxed)) {
        }
    }
    return fresh;
}

/// The holder of the calling thread; null if it has none.
Holder* mine() noexcept {
    const DWORD index = the_index.load(std::memory_order_acquire);
    return is_place(index) ? static_cast<Holder*>(::TlsGetValue(index)) : nullptr;
}

/// The same, made if there is none; null if that fails.
Holder* make_mine() noexcept {
    const DWORD index = make_index();
    if (!is_place(index)) {
        return nullptr;
    }
    if (auto* const holder = static_cast<Holder*>(::TlsGetValue(index))) {
        return holder;
    }
    Holder* const holder = take_holder();
    if (holder != nullptr && !::TlsSetValue(index, holder)) {
        holder->is_taken.store(false, std::memory_order_release);
        return nullptr;
    }
    return holder;
}

void end(Holder& holder) noexcept {
    if (void* const value = holder.value.exchange(nullptr, std::memory_order_acq_rel)) {
        the_end.load(std::memory_order_acquire)(value);
    }
}

void NTAPI at_end_of_thread(PVOID /*image*/, DWORD reason, PVOID /*reserved*/) noexcept {
    if (reason != DLL_THREAD_DETACH) {
        return;
    }
    const KeepLastError keep;
    if (Holder* const holder = mine()) {
        end(*holder);
        (void)::TlsSetValue(the_index.load(std::memory_order_relaxed), nullptr);
        holder->is_taken.store(false, std::memory_order_release);
    }
}

/// The linker orders these sections by name. MinGW's run time destroys thread_local objects in XLF
/// at the latest. So one callback runs before that, and one after it, for objects that set a value
/// in their destructors.
[[gnu::used, gnu::section(".CRT$XLE")]] const PIMAGE_TLS_CALLBACK before_objects = at_end_of_thread;
[[gnu::used, gnu::section(".CRT$XLY")]] const PIMAGE_TLS_CALLBACK after_objects = at_end_of_thread;

/// At the end of the process other threads are gone, and may have left locks held: `unload` does
/// nothing then. The image of the program is unloaded only at the end of the process.
bool is_end_of_process() noexcept {
    constexpr DWORD of_address = GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS;
    constexpr DWORD only_look = GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT;
    HMODULE image = nullptr;
    if (!::GetModuleHandleExW(of_address | only_look, reinterpret_cast<LPCWSTR>(&the_index),
                              &image) ||
        image == ::GetModuleHandleW(nullptr)) {
        return true;
    }
    auto* const is_shutting_down =
        os::LookedUp<BOOLEAN WINAPI()>("RtlDllShutdownInProgress", L"ntdll.dll").get();
    return is_shutting_down == nullptr || is_shutting_down() != FALSE;
}

/// Runs after all other destructors of the image.
[[gnu::destructor(101)]] void unload() noexcept {
    if (is_end_of_process()) {
        return;
    }
    const DWORD index = the_index.exchange(gone, std::memory_order_acq_rel);
    Holder* next = nullptr;
    for (Holder* holder = the_holders.exchange(nullptr, std::memory_order_acquire);
         holder != nullptr; holder = next) {
        next = holder->next;
        end(*holder);
        os::destroy(holder);
    }
    if (auto* const act = the_last_act.load(std::memory_order_acquire)) {
        act();
    }
    if (is_place(index)) {
        (void)::TlsFree(index);
    }
}

}  // namespace

// Windows has no thread cancellation.
os::CancelLater::CancelLater() noexcept = default;
os::CancelLater::~CancelLater() { before_ = 0; }

void os::without_signals(void (*start)(void*) noexcept, void* argument) noexcept {
    start(argument);
}

std::uint32_t os::process_mark() noexcept { return 1; }

// By Windows functions: `std::atomic::wait` of GCC 12's library for Windows reads the value before
// it takes its lock, and may miss the only wake-up.
void os::wait_while(std::atomic<std::uint32_t>& word, std::uint32_t value) noexcept {
    const KeepLastError keep;
    constexpr DWORD milliseconds = 100;  // `wake_one` may fail to look up its function.
    static constinit LookedUp<decltype(::WaitOnAddress)> found("WaitOnAddress");
    if (auto* const wait = found.get()) {
        (void)wait(&word, &value, sizeof(value), milliseconds);
    } else {
        ::Sleep(1);
    }
}

void os::wake_one(std::atomic<std::uint32_t>& word) noexcept {
    const KeepLastError keep;
    static constinit LookedUp<decltype(::WakeByAddressSingle)> found("WakeByAddressSingle");
    if (auto* const wake = found.get()) {
        wake(&word);
    }
}

void os::on_unload(void (*act)() noexcept) noexcept {
    the_last_act.store(act, std::memory_order_release);
}

void* os::thread_value() noexcept {
    const KeepLastError keep;
    Holder* const holder = mine();
    return holder == nullptr ? nullptr : holder->value.load(std::memory_order_relaxed);
}

bool os::set_thread_value(void* value, void (*at_end)(void*)) noexcept {
    const KeepLastError keep;
    the_end.store(at_end, std::memory_order_release);
    Holder* const holder = make_mine();
    if (holder == nullptr) {
        return false;
    }
    holder->value.store(value, std::memory_order_release);
    return true;
}

}  // namespace memory_pages

#pragma GCC visibility pop
