// SPDX-License-Identifier: MIT
// calls.hpp lists the sources.
#include "os/query.hpp"
#include "os/heap.hpp"
#include "os/macos/calls.hpp"
#include "os/macos/regions.hpp"
#include "os/memory.hpp"
#include "os/posix/calls.hpp"

#include <libproc.h>
#include <mach/mach.h>
#include <sys/mman.h>
#include <sys/param.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#pragma GCC visibility push(hidden)

namespace memory_pages {
namespace {

using os::Access;
using os::KeepErrno;
using os::RegionInfo;

Access granted_by(vm_prot_t protection) noexcept {
    return ((protection & VM_PROT_READ) != 0 ? Access::read : Access::none) |
           ((protection & VM_PROT_WRITE) != 0 ? Access::write : Access::none) |
           ((protection & VM_PROT_EXECUTE) != 0 ? Access::exec : Access::none);
}

std::string_view name_of(std::uintptr_t first, std::span<char> buffer) noexcept {
    const int length = ::proc_regionfilename(::getpid(), first, buffer.data(),
                                             static_cast<std::uint32_t>(buffer.size()));
    return {buffer.data(), static_cast<std::size_t>(std::max(length, 0))};
}

/// The first region that ends behind an address, with its name in the buffer.
os::Result<RegionInfo> region_behind(std::uintptr_t address, std::span<char> name) noexcept {
    os::Entry entry;
    const kern_return_t answer = os::read_entry(address, entry);
    if (answer == KERN_INVALID_ADDRESS) {  // No region at or behind the address.
        return RegionInfo{};
    }
    if (answer != KERN_SUCCESS) {
        return std::unexpected(os::Error::permission_denied);
    }
    const RegionKind kind = os::kind_of(entry.info);
    return RegionInfo{entry.first, entry.bytes, granted_by(entry.info.protection), kind,
                      kind == RegionKind::file ? name_of(entry.first, name) : std::string_view()};
}

}  // namespace

class detail::Walk {
public:
    std::array<char, 4096> name;
};

os::Result<detail::Walk*> os::start_walk() noexcept {
    auto* const walk = os::create<detail::Walk>();
    if (walk == nullptr) {
        return std::unexpected(os::Error::not_enough_memory);
    }
    return walk;
}

os::Result<os::RegionInfo> os::region_from(detail::Walk& walk, std::uintptr_t address) noexcept {
    const KeepErrno keep;
    return region_behind(address, walk.name);
}

void os::end_walk(detail::Walk* walk) noexcept { os::destroy(walk); }

os::Result<os::RegionInfo> os::region_at(std::uintptr_t address, std::span<char> name) noexcept {
    const KeepErrno keep;
    // proc_regionfilename(3) refuses buffers that are smaller than any path.
    std::array<char, MAXPATHLEN> path;
    Result<RegionInfo> region =
        region_behind(address, name.size() > path.size() ? name : std::span<char>(path));
    if (region) {
        region->name = moved_into(name, region->name);
    }
    return region;
}

namespace {

/// Calls `act` with the number of each resident page, counted from `base`. Unmapped pages are not
/// resident; only addresses that no program can have are refused (xnu, mincore).
template <class Act>
os::Result<void> for_each_resident(const std::byte* base, std::size_t count, Act act) noexcept {
    constexpr std::size_t at_a_time = 1024;
    std::array<char, at_a_time> pages;
    for (std::size_t i = 0; i < count;) {
        const std::size_t some = std::min(at_a_time, count - i);
        if (::mincore(base + i * os::page_size(), some * os::page_size(), pages.data()) != 0) {
            return os::refused();
        }
        for (std::size_t k = 0; k != some; ++k) {
            if ((pages[k] & MINCORE_INCORE) != 0) {
                act(i + k);
            }
        }
        i += some;
    }
    return {};
}

}  // namespace

os::Result<std::size_t> os::resident_bytes(const std::byte* base, std::size_t bytes) noexcept {
    const KeepErrno keep;
    std::size_t count = 0;
    const os::Result<void> done =
        for_each_resident(base, bytes / page_size(), [&](std::size_t) noexcept { ++count; });
    return done ? os::Result<std::size_t>(count * page_size()) : std::unexpected(done.error());
}

os::Result<void> os::resident_pages(const std::byte* base, std::span<bool> pages) noexcept {
    const KeepErrno keep;
    std::ranges::fill(pages, false);
    return for_each_resident(base, pages.size(), [&](std::size_t i) noexcept { pages[i] = true; });
}

}  // namespace memory_pages

#pragma GCC visibility pop
