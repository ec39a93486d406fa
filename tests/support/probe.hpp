// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Queries of tests, benchmarks and the tour to the system, without the library, that keep the last
/// error. Defined in one .cpp per system.

#include <cstddef>
#include <cstdint>
#include <string>

namespace probe {

/// The resident bytes of this process, exact (Linux: the Rss sum of smaps_rollup).
[[nodiscard]] std::size_t resident_bytes();

/// The resident bytes of these pages, counted page by page.
[[nodiscard]] std::size_t resident_bytes(const void* base, std::size_t bytes);

/// The bytes of huge pages in these pages, for mappings that lie within them (Linux: AnonHugePages
/// and Private_Hugetlb of smaps).
[[nodiscard]] std::size_t huge_bytes(const void* base, std::size_t bytes);

/// The peak of `resident_bytes()` since the start of the process.
[[nodiscard]] std::size_t peak_resident_bytes();

/// The minor and major page faults of this process so far.
[[nodiscard]] std::uint64_t page_faults();

/// Whether process-wide counts are the program's own: a sanitizer with shadow memory has its own
/// pages, faults and mappings. Tested at run time.
[[nodiscard]] bool counts_are_ours();

/// Whether mapped pages take no memory until they are touched: a user-mode emulator keeps a few
/// words for each. Tested at run time.
[[nodiscard]] bool mapping_is_free();

/// Whether page faults are counted. Tested at run time.
[[nodiscard]] bool faults_are_counted();

/// The permissions that the system reports at an address: "rw-", "r-x", "---"; "" if unmapped.
[[nodiscard]] std::string permissions(const void* address);

/// Whether memory at this address counts against the commit limit.
[[nodiscard]] bool is_charged(const void* address);

/// The number of mappings of this process (Linux: lines of /proc/self/maps).
[[nodiscard]] std::size_t mapping_count();

/// The bytes of address space that this process uses.
[[nodiscard]] std::size_t address_space_bytes();

/// The page size, from the system, not from the library.
[[nodiscard]] std::size_t page_size();

/// Whether advice reaches a kernel: a user-mode emulator accepts any advice and ignores it. Tested
/// with invalid advice.
[[nodiscard]] bool advice_acts();

/// Whether the system reports permissions, and the processor enforces them: a user-mode emulator
/// tracks them itself, reports others and enforces fewer. Tested with a page that may be read and
/// executed.
[[nodiscard]] bool permissions_are_told();

/// Whether bytes can be read (written) at an address. Tested without a fault: the kernel copies
/// from (to) it.
[[nodiscard]] bool can_read(const void* address);

[[nodiscard]] bool can_write(void* address);

/// Whether this byte can be read at an address, tested in the same way. False for freed memory,
/// even if the system or a sanitizer has mapped something else there.
[[nodiscard]] bool holds(const volatile void* address, std::uint8_t byte);

/// Whether `malloc` serves small blocks without mapping pages, which a test may forbid.
[[nodiscard]] bool heap_maps_nothing();

}  // namespace probe
