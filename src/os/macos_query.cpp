// SPDX-License-Identifier: MIT
// macos_calls.hpp names the sources.
#include "macos_calls.hpp"
#include "os.hpp"
#include "posix.hpp"

#include <libproc.h>
#include <mach/mach.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <new>

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

RegionKind kind_of(const vm_region_submap_info_data_64_t& info) noexcept {
    if (info.external_pager != 0) {
        return RegionKind::file;
    }
    if (info.share_mode == SM_SHARED || info.share_mode == SM_TRUESHARED ||
        info.share_mode == SM_SHARED_ALIASED) {
        return RegionKind::shared;
    }
    return info.protection == VM_PROT_NONE ? RegionKind::reserved : RegionKind::anonymous;
}

}  // namespace

class detail::Walk {
public:
    Result<RegionInfo> next(std::uintptr_t address) noexcept {
        vm_address_t first = address;
        vm_size_t bytes = 0;
        // Regions of maps within the map, as libraries have them, and not those maps.
        natural_t depth = 64;
        vm_region_submap_info_data_64_t info{};
        mach_msg_type_number_t count = VM_REGION_SUBMAP_INFO_COUNT_64;
        const kern_return_t answer =
            ::vm_region_recurse_64(mach_task_self(), &first, &bytes, &depth,
                                   reinterpret_cast<vm_region_recurse_info_t>(&info), &count);
        if (answer == KERN_INVALID_ADDRESS) {  // Nothing is behind it.
            return RegionInfo{};
        }
        if (answer != KERN_SUCCESS) {
            return std::unexpected(std::make_error_code(std::errc::permission_denied));
        }
        const RegionKind kind = kind_of(info);
        return RegionInfo{first, bytes, granted_by(info.protection), kind,
                          kind == RegionKind::file ? name_of(first) : std::string_view()};
    }

private:
    std::string_view name_of(std::uintptr_t first) noexcept {
        const int length = ::proc_regionfilename(::getpid(), first, name_.data(),
                                                 static_cast<std::uint32_t>(name_.size()));
        return {name_.data(), static_cast<std::size_t>(std::max(length, 0))};
    }

    std::array<char, 4096> name_;
};

Result<detail::Walk*> os::start_walk() noexcept {
    auto* const walk = new (std::nothrow) detail::Walk;
    if (walk == nullptr) {
        return std::unexpected(std::make_error_code(std::errc::not_enough_memory));
    }
    return walk;
}

Result<os::RegionInfo> os::region_from(detail::Walk& walk, std::uintptr_t address) noexcept {
    const KeepErrno keep;
    return walk.next(address);
}

void os::end_walk(detail::Walk* walk) noexcept { delete walk; }

namespace {

/// Calls `act` with the number of each resident page, counted from `base`. What is not mapped is
/// not resident: only addresses that no program can have are refused (xnu, mincore).
template <class Act>
Result<void> for_each_resident(const std::byte* base, std::size_t count, Act act) noexcept {
    constexpr std::size_t at_a_time = 4096;
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

Result<std::size_t> os::resident_bytes(const std::byte* base, std::size_t bytes) noexcept {
    const KeepErrno keep;
    std::size_t count = 0;
    const Result<void> done =
        for_each_resident(base, bytes / page_size(), [&](std::size_t) noexcept { ++count; });
    return done ? Result<std::size_t>(count * page_size()) : std::unexpected(done.error());
}

Result<void> os::resident_pages(const std::byte* base, std::span<bool> pages) noexcept {
    const KeepErrno keep;
    std::ranges::fill(pages, false);
    return for_each_resident(base, pages.size(), [&](std::size_t i) noexcept { pages[i] = true; });
}

}  // namespace memory_pages

#pragma GCC visibility pop
