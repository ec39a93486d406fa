// SPDX-License-Identifier: MIT
#pragma once

// In this order: the second needs the first.
#include <windows.h>

#include <psapi.h>

#include <cstddef>

/// MiB of physical memory behind this process.
inline std::size_t resident() {
    PROCESS_MEMORY_COUNTERS counters{};
    (void)::K32GetProcessMemoryInfo(::GetCurrentProcess(), &counters, sizeof(counters));
    return counters.WorkingSetSize >> 20;
}
