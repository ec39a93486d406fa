// SPDX-License-Identifier: MIT
#include "support/probe.hpp"

#include "support/last_error.hpp"
#include "support/windows_api.hpp"

#include <psapi.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <optional>

namespace probe {
namespace {

PROCESS_MEMORY_COUNTERS memory_counters() {
    const last_error::Kept kept;
    PROCESS_MEMORY_COUNTERS counters{};
    if (!::GetProcessMemoryInfo(::GetCurrentProcess(), &counters, sizeof counters)) {
        std::fprintf(stderr, "probe: GetProcessMemoryInfo: error %lu\n", ::GetLastError());
        std::abort();
    }
    return counters;
}

/// The run of pages in the same state from this address on; nothing beyond the last.
std::optional<MEMORY_BASIC_INFORMATION> region_at(const void* address) {
    const last_error::Kept kept;
    MEMORY_BASIC_INFORMATION region{};
    if (::VirtualQuery(address, &region, sizeof region) != sizeof region) {
        return std::nullopt;
    }
    return region;
}

/// Calls `act` for every region of the address space that is in use.
template <class Act>
void for_each_region(Act act) {
    const char* address = nullptr;
    while (const std::optional<MEMORY_BASIC_INFORMATION> region = region_at(address)) {
        if (region->State != MEM_FREE) {
            act(*region);
        }
        address = static_cast<const char*>(region->BaseAddress) + region->RegionSize;
    }
}

std::string spelled(DWORD protection) {
    switch (protection) {
        case PAGE_READONLY:
            return "r--";
        case PAGE_READWRITE:
        case PAGE_WRITECOPY:
            return "rw-";
        case PAGE_EXECUTE:
            return "--x";
        case PAGE_EXECUTE_READ:
            return "r-x";
        case PAGE_EXECUTE_READWRITE:
        case PAGE_EXECUTE_WRITECOPY:
            return "rwx";
        default:
            return "---";
    }
}

}  // namespace

std::size_t resident_bytes() { return memory_counters().WorkingSetSize; }

std::size_t resident_bytes(const void* base, std::size_t bytes) {
    const last_error::Kept kept;
    constexpr std::size_t at_a_time = 512;
    const std::size_t page = page_size();
    auto* const first = static_cast<std::byte*>(const_cast<void*>(base));
    std::size_t resident = 0;
    std::array<PSAPI_WORKING_SET_EX_INFORMATION, at_a_time> pages{};
    for (std::size_t offset = 0; offset < bytes;) {
        DWORD count = 0;
        for (; count < at_a_time && offset < bytes; ++count, offset += page) {
            pages[count].VirtualAddress = first + offset;
        }
        if (!::QueryWorkingSetEx(::GetCurrentProcess(), pages.data(),
                                 count * static_cast<DWORD>(sizeof pages[0]))) {
            std::fprintf(stderr, "probe: QueryWorkingSetEx: error %lu\n", ::GetLastError());
            std::abort();
        }
        for (DWORD i = 0; i < count; ++i) {
            resident += pages[i].VirtualAttributes.Valid != 0 ? page : 0;
        }
    }
    return resident;
}

std::size_t huge_bytes(const void*, std::size_t) { return 0; }

std::size_t peak_resident_bytes() { return memory_counters().PeakWorkingSetSize; }

std::uint64_t page_faults() { return memory_counters().PageFaultCount; }

std::string permissions(const void* address) {
    const std::optional<MEMORY_BASIC_INFORMATION> region = region_at(address);
    return region && region->State == MEM_COMMIT ? spelled(region->Protect) : "";
}

bool is_charged(const void* address) {
    const std::optional<MEMORY_BASIC_INFORMATION> region = region_at(address);
    return region && region->State == MEM_COMMIT && region->Type == MEM_PRIVATE;
}

std::size_t mapping_count() {
    std::size_t count = 0;
    for_each_region([&](const MEMORY_BASIC_INFORMATION&) { ++count; });
    return count;
}

std::size_t address_space_bytes() {
    std::size_t bytes = 0;
    for_each_region([&](const MEMORY_BASIC_INFORMATION& region) { bytes += region.RegionSize; });
    return bytes;
}

std::size_t page_size() {
    const last_error::Kept kept;
    SYSTEM_INFO info;
    ::GetSystemInfo(&info);
    return info.dwPageSize;
}

// Both functions try it; the writing one restores the byte.
bool can_read(const void* address) {
    const last_error::Kept kept;
    return ::IsBadReadPtr(address, 1) == 0;
}
bool can_write(void* address) {
    const last_error::Kept kept;
    return ::IsBadWritePtr(address, 1) == 0;
}

bool holds(const volatile void* address, std::uint8_t byte) {
    const last_error::Kept kept;
    std::uint8_t found = 0;
    SIZE_T count = 0;
    return ::ReadProcessMemory(::GetCurrentProcess(), const_cast<const void*>(address), &found, 1,
                               &count) != 0 &&
           found == byte;
}

// Wine acts on advice, or reports an error.
bool advice_acts() { return true; }

bool permissions_are_told() {
    return permissions(reinterpret_cast<const void*>(&permissions_are_told)).ends_with('x');
}

}  // namespace probe
