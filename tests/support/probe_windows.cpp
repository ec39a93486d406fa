// SPDX-License-Identifier: MIT
#include "support/probe.hpp"

#include "support/windows_api.hpp"

#include <psapi.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <optional>

namespace probe {
namespace {

PROCESS_MEMORY_COUNTERS memory_counters() {
    PROCESS_MEMORY_COUNTERS counters{};
    if (!::GetProcessMemoryInfo(::GetCurrentProcess(), &counters, sizeof counters)) {
        std::fprintf(stderr, "probe: GetProcessMemoryInfo: error %lu\n", ::GetLastError());
        std::abort();
    }
    return counters;
}

/// The pages from this address on that are in the same state; nothing beyond the last ones.
std::optional<MEMORY_BASIC_INFORMATION> region_at(const void* address) {
    MEMORY_BASIC_INFORMATION region{};
    if (::VirtualQuery(address, &region, sizeof region) != sizeof region) {
        return std::nullopt;
    }
    return region;
}

/// Does something with every region of the address space that is in use.
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
    SYSTEM_INFO info;
    ::GetSystemInfo(&info);
    return info.dwPageSize;
}

// Both try it, and writing puts back what was there.
bool can_read(const void* address) { return ::IsBadReadPtr(address, 1) == 0; }
bool can_write(void* address) { return ::IsBadWritePtr(address, 1) == 0; }

// Whoever stands in for Windows here does what it is advised, or says that it does not.
bool advice_acts() { return true; }

bool permissions_are_told() {
    return permissions(reinterpret_cast<const void*>(&permissions_are_told)).ends_with('x');
}

}  // namespace probe
