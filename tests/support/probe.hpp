// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// What tests, benches and the tour ask the system themselves, never through the library. One .cpp
/// per system defines it.

#include <cstddef>
#include <cstdint>
#include <string>

namespace probe {

/// Bytes of physical memory behind this process now, exactly (Linux: the Rss sum of smaps_rollup).
[[nodiscard]] std::size_t resident_bytes();

/// Of these pages alone, page by page.
[[nodiscard]] std::size_t resident_bytes(const void* base, std::size_t bytes);

/// Bytes of huge pages behind these pages (Linux: AnonHugePages and Private_Hugetlb of smaps), in
/// mappings that lie within them.
[[nodiscard]] std::size_t huge_bytes(const void* base, std::size_t bytes);

/// The most that `resident_bytes()` has been since the process started.
[[nodiscard]] std::size_t peak_resident_bytes();

/// Page faults of this process so far (of the calling thread's process, minor and major).
[[nodiscard]] std::uint64_t page_faults();

/// Whether these counts of the whole process are of what the program does: a sanitizer that keeps
/// a shadow of all memory has pages, faults and mappings of its own. Found out by trying.
[[nodiscard]] bool counts_are_ours();

/// Whether mapped pages take no memory until they are touched: an emulator of single programs keeps
/// a few words for each of them. Found out by trying.
[[nodiscard]] bool mapping_is_free();

/// Whether faults are counted at all. Found out by trying.
[[nodiscard]] bool faults_are_counted();

/// What the system says may be done at an address: "rw-", "r-x", "---"; "" where nothing is mapped.
[[nodiscard]] std::string permissions(const void* address);

/// Whether memory at this address counts against the commit limit.
[[nodiscard]] bool is_charged(const void* address);

/// Mappings (Linux: lines of /proc/self/maps) of this process.
[[nodiscard]] std::size_t mapping_count();

/// Bytes of address space in use by this process.
[[nodiscard]] std::size_t address_space_bytes();

/// Bytes in a page, asked from the system, not from the library.
[[nodiscard]] std::size_t page_size();

/// Whether advice reaches a kernel: an emulator of single programs takes any, and does nothing.
/// Found out by giving advice that no system has.
[[nodiscard]] bool advice_acts();

/// Whether the system tells what may be done with pages, and the processor denies the rest: an
/// emulator of single programs keeps count of that itself, tells other permissions and denies less.
/// Found out by asking of a page to read beside one to execute.
[[nodiscard]] bool permissions_are_told();

/// Whether bytes can be read (written) at an address, found out without dying: the kernel is made
/// to copy from (to) it.
[[nodiscard]] bool can_read(const void* address);

/// Whether this byte can be read at an address. Of memory that is gone it cannot, also where the
/// system, or a sanitizer, has put something else there in the meantime.
[[nodiscard]] inline bool holds(const volatile std::uint8_t* address, std::uint8_t byte) {
    return can_read(const_cast<const std::uint8_t*>(address)) && *address == byte;
}
[[nodiscard]] bool can_write(void* address);

/// Whether `malloc` has its small blocks without mapping pages, which a test may make impossible.
[[nodiscard]] bool heap_maps_nothing();

}  // namespace probe
