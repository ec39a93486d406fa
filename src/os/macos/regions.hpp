// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// What the kernel knows of the pages at an address.

#include "os/types.hpp"

#include <memory_pages/region.hpp>

#include <mach/mach.h>

#include <cstddef>
#include <cstdint>

#pragma GCC visibility push(hidden)

namespace memory_pages::os {

/// A run of pages with the same history.
struct Entry {
    vm_address_t first = 0;
    vm_size_t bytes = 0;
    vm_region_submap_short_info_data_64_t info{};
};

/// Reads the entry at an address, or the first one behind it. Enters submaps, which libraries have.
/// The short form of the answer: for the long one the kernel looks at each page, and forgets the
/// file of a private view all of whose pages were written (xnu, vm_map_region_walk).
[[nodiscard]] inline kern_return_t read_entry(std::uintptr_t address, Entry& entry) noexcept {
    entry.first = address;
    natural_t depth = 64;
    mach_msg_type_number_t count = VM_REGION_SUBMAP_SHORT_INFO_COUNT_64;
    return ::vm_region_recurse_64(mach_task_self(), &entry.first, &entry.bytes, &depth,
                                  reinterpret_cast<vm_region_recurse_info_t>(&entry.info), &count);
}

/// The kind of an entry. Memory that was mapped shared says so by its inheritance; by its share
/// mode only while another task has it (xnu, mmap and vm_map_region_top_walk).
[[nodiscard]] inline RegionKind kind_of(
    const vm_region_submap_short_info_data_64_t& info) noexcept {
    if (info.external_pager != 0) {
        return RegionKind::file;
    }
    if (info.inheritance == VM_INHERIT_SHARE || info.share_mode == SM_SHARED ||
        info.share_mode == SM_TRUESHARED || info.share_mode == SM_SHARED_ALIASED) {
        return RegionKind::shared;
    }
    return info.protection == VM_PROT_NONE ? RegionKind::reserved : RegionKind::anonymous;
}

/// Whether `fits` is true of the entries of all of these pages. False if some are unmapped.
template <class Fits>
[[nodiscard]] bool all_entries(const std::byte* base, std::size_t bytes, Fits fits) noexcept {
    auto next = reinterpret_cast<std::uintptr_t>(base);
    const std::uintptr_t end = next + bytes;
    while (next < end) {
        Entry entry;
        if (read_entry(next, entry) != KERN_SUCCESS || entry.first > next || !fits(entry.info)) {
            return false;
        }
        next = entry.first + entry.bytes;
    }
    return true;
}

/// Whether all of these pages have exactly this protection.
[[nodiscard]] inline bool all_have(const std::byte* base, std::size_t bytes,
                                   vm_prot_t protection) noexcept {
    return all_entries(base, bytes,
                       [=](const vm_region_submap_short_info_data_64_t& info) noexcept {
                           return info.protection == protection;
                       });
}

}  // namespace memory_pages::os

#pragma GCC visibility pop
