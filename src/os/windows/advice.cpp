// SPDX-License-Identifier: MIT
// Source: Microsoft's reference of the memory management functions.
#include "os/advice.hpp"
#include "os/memory.hpp"
#include "os/shared.hpp"
#include "os/windows/api.hpp"
#include "os/windows/calls.hpp"

#include <psapi.h>

#include <algorithm>
#include <array>
#include <cstddef>

#pragma GCC visibility push(hidden)

namespace memory_pages {
namespace {

using os::KeepLastError;

/// Since Windows 8. Reads `Range` as WIN32_MEMORY_RANGE_ENTRY, and does not write to it.
using Prefetch = BOOL WINAPI(HANDLE, ULONG_PTR, const os::Range*, ULONG);
static_assert(sizeof(os::Range) == sizeof(WIN32_MEMORY_RANGE_ENTRY));
static_assert(offsetof(os::Range, base) == offsetof(WIN32_MEMORY_RANGE_ENTRY, VirtualAddress));
static_assert(offsetof(os::Range, bytes) == offsetof(WIN32_MEMORY_RANGE_ENTRY, NumberOfBytes));

Prefetch* prefetch() noexcept {
    static constinit os::LookedUp<Prefetch> found("PrefetchVirtualMemory");
    return found.get();
}

/// VirtualUnlock, Remarks: for pages that are not locked it fails with ERROR_NOT_LOCKED, and
/// removes them from the working set.
bool leaves_working_set(std::byte* base, std::size_t bytes) noexcept {
    return !::VirtualUnlock(base, bytes) && ::GetLastError() == ERROR_NOT_LOCKED;
}

bool can_page_out() noexcept {
    const os::Result<std::byte*> page =
        os::map(os::page_size(), 1, os::Access::read_write, os::Charge::charged);
    if (!page) {
        return false;
    }
    os::touch(*page, 1, os::Access::write);
    const bool can = leaves_working_set(*page, os::page_size());
    os::unmap(*page, os::page_size());
    return can;
}

/// VirtualUnlock would unlock locked pages, so this skips them.
os::Result<void> page_out(std::byte* base, std::size_t bytes) noexcept {
    constexpr std::size_t at_a_time = 128;
    std::array<PSAPI_WORKING_SET_EX_INFORMATION, at_a_time> pages;
    const std::size_t page = os::page_size();
    for (const std::byte* const end = base + bytes; base != end;) {
        const std::size_t count = std::min(at_a_time, static_cast<std::size_t>(end - base) / page);
        for (std::size_t i = 0; i != count; ++i) {
            pages[i] = {.VirtualAddress = base + i * page, .VirtualAttributes = {}};
        }
        if (!::QueryWorkingSetEx(::GetCurrentProcess(), pages.data(),
                                 static_cast<DWORD>(count * sizeof pages[0]))) {
            return os::refused(::GetLastError());
        }
        const auto is_locked = [&](std::size_t i) noexcept {
            return pages[i].VirtualAttributes.Valid != 0 && pages[i].VirtualAttributes.Locked != 0;
        };
        for (std::size_t first = 0; first != count;) {
            std::size_t next = first + 1;
            while (next != count && is_locked(next) == is_locked(first)) {
                ++next;
            }
            if (!is_locked(first)) {
                (void)leaves_working_set(base + first * page, (next - first) * page);
            }
            first = next;
        }
        base += count * page;
    }
    return {};
}

}  // namespace

os::Result<void> os::advise(std::byte* base, std::size_t bytes, Advice advice) noexcept {
    const KeepLastError keep;
    return advice == Advice::page_out ? page_out(base, bytes)
                                      : advise_all(std::array{Range{base, bytes}}, advice);
}

os::Result<void> os::advise_all(std::span<const Range> ranges, Advice advice) noexcept {
    const KeepLastError keep;
    if (advice == Advice::page_out) {
        return one_by_one(ranges, page_out);
    }
    if (!os::is_supported(advice)) {
        return {};
    }
    if (prefetch()(::GetCurrentProcess(), ranges.size(), ranges.data(), 0)) {
        return {};
    }
    // PrefetchVirtualMemory needs accessible ranges. Pages without access need no preparation.
    const DWORD error = ::GetLastError();
    if (error == ERROR_ACCESS_DENIED || error == ERROR_NOACCESS) {
        return {};
    }
    return os::refused(error);
}

bool os::is_supported(Advice advice) noexcept {
    const KeepLastError keep;
    switch (advice) {
        case Advice::use_soon:
            return prefetch() != nullptr;
        case Advice::page_out:
            return can_page_out();
        case Advice::normal:
        case Advice::sequential:
        case Advice::random:
        case Advice::cold:
        case Advice::never_merge:
            break;
    }
    return false;
}

}  // namespace memory_pages

#pragma GCC visibility pop
