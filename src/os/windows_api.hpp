// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// The Windows API without its macros, and what has to be looked up in it.

#undef NOMINMAX  // Some standard libraries define it, too.
#define NOMINMAX
#define WIN32_LEAN_AND_MEAN
#include <windows.h>

namespace memory_pages::os {

/// A function that not every Windows has, nor every Wine; null where it is missing. (A program that
/// names it in its import table is not even started there.)
template <class Function>
[[nodiscard]] Function* look_up(const char* name,
                                const wchar_t* where = L"kernelbase.dll") noexcept {
    const HMODULE library = ::GetModuleHandleW(where);
    if (library == nullptr) {
        return nullptr;
    }
    return reinterpret_cast<Function*>(reinterpret_cast<void*>(::GetProcAddress(library, name)));
}

/// Every verb leaves the last error as it was. Nothing here touches errno.
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
