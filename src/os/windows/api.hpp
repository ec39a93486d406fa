// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// The Windows API without its macros, and functions looked up at run time.

#undef NOMINMAX  // Some standard libraries define it, too.
#define NOMINMAX
#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include <atomic>

namespace memory_pages::os {

/// A function that some versions of Windows, or of Wine, lack: null if it is missing. (A program
/// with it in its import table would not start there.)
///
/// The look-up takes the loader lock, which a thread holds while it ends. So two threads may look
/// up at once, instead of one waiting for the other. Only a definite answer is cached.
template <class Function>
class LookedUp {
public:
    constexpr explicit LookedUp(const char* name,
                                const wchar_t* library = L"kernelbase.dll") noexcept
        : name_(name), library_(library) {}

    [[nodiscard]] Function* get() noexcept {
        if (is_known_.load(std::memory_order_acquire)) {
            return function_.load(std::memory_order_relaxed);
        }
        Function* const function = look_up();
        if (function != nullptr || is_missing(::GetLastError())) {
            function_.store(function, std::memory_order_relaxed);
            is_known_.store(true, std::memory_order_release);
        }
        return function;
    }

private:
    static bool is_missing(DWORD error) noexcept {
        return error == ERROR_PROC_NOT_FOUND || error == ERROR_MOD_NOT_FOUND;
    }

    [[nodiscard]] Function* look_up() const noexcept {
        const HMODULE library = ::GetModuleHandleW(library_);
        if (library == nullptr) {
            return nullptr;
        }
        void* const function = reinterpret_cast<void*>(::GetProcAddress(library, name_));
        return reinterpret_cast<Function*>(function);
    }

    const char* name_;
    const wchar_t* library_;
    std::atomic<Function*> function_{nullptr};
    std::atomic<bool> is_known_{false};
};

/// Restores the last error at its end: every verb keeps the last error. Nothing here changes errno.
class KeepLastError {
public:
    KeepLastError() noexcept : value_(::GetLastError()) {}
    KeepLastError(const KeepLastError&) = delete;
    KeepLastError& operator=(const KeepLastError&) = delete;
    ~KeepLastError() { ::SetLastError(value_); }

private:
    DWORD value_;
};

}  // namespace memory_pages::os
