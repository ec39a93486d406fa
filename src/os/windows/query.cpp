// SPDX-License-Identifier: MIT
// Sources: Microsoft's reference of VirtualQuery, MEMORY_BASIC_INFORMATION, GetMappedFileName and
// QueryWorkingSetEx.
#include "os/query.hpp"
#include "os/heap.hpp"
#include "os/memory.hpp"
#include "os/windows/api.hpp"
#include "os/windows/calls.hpp"

#include <psapi.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

#pragma GCC visibility push(hidden)

namespace memory_pages {
namespace {

using os::Access;
using os::KeepLastError;
using os::RegionInfo;

/// Queries the run of equal pages from this address; false beyond the last address of programs.
bool look_at(std::uintptr_t address, MEMORY_BASIC_INFORMATION& pages) noexcept {
    return ::VirtualQuery(std::bit_cast<const void*>(address), &pages, sizeof pages) != 0;
}

std::uintptr_t first_of(const MEMORY_BASIC_INFORMATION& pages) noexcept {
    return reinterpret_cast<std::uintptr_t>(pages.BaseAddress);
}
std::uintptr_t end_of(const MEMORY_BASIC_INFORMATION& pages) noexcept {
    return first_of(pages) + pages.RegionSize;
}

Access granted_by(const MEMORY_BASIC_INFORMATION& pages) noexcept {
    if (pages.State != MEM_COMMIT || (pages.Protect & PAGE_GUARD) != 0) {
        return Access::none;
    }
    switch (pages.Protect & 0xff) {  // The higher bits are caching and guard flags.
        case PAGE_READONLY:
            return Access::read;
        case PAGE_READWRITE:
        case PAGE_WRITECOPY:
            return Access::read_write;
        case PAGE_EXECUTE:
            return Access::exec;
        case PAGE_EXECUTE_READ:
            return Access::read_exec;
        case PAGE_EXECUTE_READWRITE:
        case PAGE_EXECUTE_WRITECOPY:
            return Access::read_write_exec;
        default:
            return Access::none;
    }
}

}  // namespace

class detail::Walk {
public:
    RegionInfo next(std::uintptr_t address) noexcept {
        MEMORY_BASIC_INFORMATION pages{};
        do {
            if (!look_at(address, pages)) {
                return {};
            }
            if (pages.State != MEM_FREE && address != end_) {
                find_start(address, pages);
            }
            address = end_of(pages);
        } while (pages.State == MEM_FREE);
        end_ = address;
        const std::string_view name = pages.Type == MEM_PRIVATE ? "" : name_of(pages);
        return {first_of(pages), pages.RegionSize, granted_by(pages), kind_of(pages, name), name};
    }

private:
    /// VirtualQuery reports pages from an address on: this finds the equal pages before it,
    /// searching from the start of the allocation.
    static void find_start(std::uintptr_t address, MEMORY_BASIC_INFORMATION& pages) noexcept {
        MEMORY_BASIC_INFORMATION before = pages;
        auto at = reinterpret_cast<std::uintptr_t>(pages.AllocationBase);
        while (at < address && look_at(at, before) && before.State != MEM_FREE) {
            if (end_of(before) > address) {
                pages = before;
                return;
            }
            at = end_of(before);
        }
    }

    static RegionKind kind_of(const MEMORY_BASIC_INFORMATION& pages,
                              std::string_view name) noexcept {
        if (pages.State == MEM_RESERVE) {
            return RegionKind::reserved;
        }
        if (pages.Type == MEM_PRIVATE) {
            return RegionKind::anonymous;
        }
        return pages.Type == MEM_MAPPED && name.empty() ? RegionKind::shared : RegionKind::file;
    }

    std::string_view name_of(const MEMORY_BASIC_INFORMATION& pages) noexcept {
        const DWORD length =
            ::GetMappedFileNameW(::GetCurrentProcess(), pages.BaseAddress, wide_name_.data(),
                                 static_cast<DWORD>(wide_name_.size()));
        const int bytes =
            ::WideCharToMultiByte(CP_UTF8, 0, wide_name_.data(), static_cast<int>(length),
                                  name_.data(), static_cast<int>(name_.size()), nullptr, nullptr);
        return {name_.data(), static_cast<std::size_t>(bytes)};
    }

    std::uintptr_t end_ = 0;  ///< The end of the last region.
    static constexpr std::size_t longest_name = 2048;
    std::array<wchar_t, longest_name> wide_name_;
    std::array<char, 3 * longest_name> name_;  ///< The most that UTF-8 needs.
};

os::Result<detail::Walk*> os::start_walk() noexcept {
    auto* const walk = os::create<detail::Walk>();
    if (walk == nullptr) {
        return std::unexpected(os::Error::not_enough_memory);
    }
    return walk;
}

os::Result<os::RegionInfo> os::region_from(detail::Walk& walk, std::uintptr_t address) noexcept {
    const KeepLastError keep;
    return walk.next(address);
}

void os::end_walk(detail::Walk* walk) noexcept { os::destroy(walk); }

os::Result<os::RegionInfo> os::region_at(std::uintptr_t address, std::span<char> name) noexcept {
    const KeepLastError keep;
    detail::Walk walk;
    RegionInfo region = walk.next(address);
    region.name = moved_into(name, region.name);
    return region;
}

namespace {

/// Calls `act` with the number of each resident page, counted from `base`. Only committed pages can
/// be resident.
template <class Act>
os::Result<void> for_each_resident(const std::byte* base, std::size_t count, Act act) noexcept {
    constexpr std::size_t at_a_time = 256;
    std::array<PSAPI_WORKING_SET_EX_INFORMATION, at_a_time> pages;
    const std::size_t page = os::page_size();
    const auto start = reinterpret_cast<std::uintptr_t>(base);
    for (std::size_t i = 0; i < count;) {
        MEMORY_BASIC_INFORMATION alike{};
        if (!look_at(start + i * page, alike)) {
            break;
        }
        const std::size_t end = std::min(count, (end_of(alike) - start) / page);
        if (alike.State != MEM_COMMIT) {
            i = end;
            continue;
        }
        while (i < end) {
            const std::size_t some = std::min(at_a_time, end - i);
            for (std::size_t k = 0; k != some; ++k) {
                pages[k] = {.VirtualAddress = std::bit_cast<void*>(start + (i + k) * page),
                            .VirtualAttributes = {}};
            }
            if (!::QueryWorkingSetEx(::GetCurrentProcess(), pages.data(),
                                     static_cast<DWORD>(some * sizeof pages[0]))) {
                return os::refused(::GetLastError());
            }
            for (std::size_t k = 0; k != some; ++k) {
                if (pages[k].VirtualAttributes.Valid != 0) {
                    act(i + k);
                }
            }
            i += some;
        }
    }
    return {};
}

}  // namespace

os::Result<std::size_t> os::resident_bytes(const std::byte* base, std::size_t bytes) noexcept {
    const KeepLastError keep;
    std::size_t count = 0;
    const os::Result<void> done =
        for_each_resident(base, bytes / page_size(), [&](std::size_t) noexcept { ++count; });
    return done ? os::Result<std::size_t>(count * page_size()) : std::unexpected(done.error());
}

os::Result<void> os::resident_pages(const std::byte* base, std::span<bool> pages) noexcept {
    const KeepLastError keep;
    std::ranges::fill(pages, false);
    return for_each_resident(base, pages.size(), [&](std::size_t i) noexcept { pages[i] = true; });
}

}  // namespace memory_pages

#pragma GCC visibility pop
